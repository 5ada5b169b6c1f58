//! One connection, from TCP to its end.

use std::{net::SocketAddr, pin::pin, sync::Arc};

use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use websocket_streaming::{ByteStream, CloseWith, Ending, WebSocket, converse};

use crate::{
    Keep, Live, Metrics, Place, Session,
    door::Admitted,
    refusal::{A_PAGE, Refused},
};

impl<K: Keep> Live<K> {
    /// The whole life of a connection. `end` is the very end, when nobody is waited for any more.
    pub(crate) async fn connection(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        at_the_door: Place,
        end: CancellationToken,
    ) {
        // Boxed: what it needs is freed with it, and not kept while the connection lives.
        let admission = Box::pin(self.admit(stream, peer));
        let admitted = tokio::select! {
            admitted = timeout(self.settings.handshake, admission) => admitted,
            () = end.cancelled() => return,
        };
        drop(at_the_door);
        let Admitted { socket, session, place } = match admitted {
            Ok(Ok(admitted)) => admitted,
            // Whoever came for a page has got it.
            Ok(Err((A_PAGE, address))) => return log::debug!("{address}: {A_PAGE}"),
            Ok(Err((kind, details))) => return self.journal.note(kind, || details),
            Err(_elapsed) => {
                Metrics::count(&self.metrics.no_handshake);
                return self.journal.note("no handshake in time", || peer.to_string());
            }
        };
        Metrics::count(&self.metrics.accepted);
        let address = place.address();
        log::debug!("{address}: connected, {:?}", session.role);
        let ending = self.converse(socket, &session).await;
        drop(place);
        match ending {
            Ending::Failed(error) if error.is::<CloseWith>() => {
                self.journal.note("closed", || format!("{address}: {error}"));
            }
            ending => ending.log(SocketAddr::new(address, peer.port())),
        }
    }

    /// As `converse`, with a goodbye at a moment of its own.
    async fn converse(&self, socket: WebSocket, session: &Session<K>) -> Ending {
        let stop = CancellationToken::new();
        let mut speaking = pin!(converse(socket, session, stop.clone()));
        let goodbye = async {
            self.leaving.cancelled().await;
            sleep(self.settings.goodbye.mul_f64(rand::random_range(0.0..=1.0))).await;
        };
        tokio::select! {
            ending = &mut speaking => return ending,
            () = goodbye => stop.cancel(),
        }
        speaking.await
    }

    /// TLS, if this server has a certificate; then the request.
    async fn admit(
        self: &Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
    ) -> Result<Admitted<K>, Refused> {
        let stream: Box<dyn ByteStream> = match &self.settings.tls {
            None => Box::new(stream),
            // Here, in the connection's own task, and under its deadline: a client that is slow
            // with its side of TLS keeps nobody else waiting.
            Some(tls) => match TlsAcceptor::from(tls.clone()).accept(stream).await {
                Ok(stream) => Box::new(stream),
                Err(error) => {
                    Metrics::count(&self.metrics.no_handshake);
                    return Err(("no TLS", format!("{peer}: {error}")));
                }
            },
        };
        self.let_in(stream, peer).await
    }
}
