//! Who is let in: one connection, from TCP to its WebSocket, and to its end.

use std::{net::SocketAddr, pin::pin, sync::Arc};

use tokio::{
    net::TcpStream,
    sync::OwnedSemaphorePermit,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::tungstenite::http::StatusCode;
use tokio_util::sync::CancellationToken;
use websocket_streaming::{
    ByteStream, Ending, Fair, Handler, Handshake, WebSocket, config, converse,
};

use crate::{Full, Keep, Live, Metrics, Place, Proxies, Session, Token};

/// Why somebody is not let in: the kind of it, and details for the log.
type Refused = (&'static str, String);

impl<K: Keep> Live<K> {
    /// The whole life of a connection. `end` is the very end, when nobody is waited for any more.
    pub(crate) async fn connection(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        at_the_door: OwnedSemaphorePermit,
        end: CancellationToken,
    ) {
        let admitted = tokio::select! {
            admitted = timeout(self.settings.handshake, self.admit(stream, peer)) => admitted,
            () = end.cancelled() => return,
        };
        drop(at_the_door);
        let (socket, session, place) = match admitted {
            Ok(Ok(admitted)) => admitted,
            Ok(Err((kind, details))) => return self.journal.note(kind, || details),
            Err(_elapsed) => {
                Metrics::count(&self.metrics.no_handshake);
                return self.journal.note("no handshake in time", || peer.to_string());
            }
        };
        Metrics::count(&self.metrics.accepted);
        log::debug!("{peer}: connected, {:?}", session.role);
        let ending = self.converse(socket, &session).await;
        drop(place);
        match ending {
            Ending::Failed(error) if error.is::<websocket_streaming::CloseWith>() => {
                self.journal.note("closed", || format!("{peer}: {error}"));
            }
            ending => ending.log(peer),
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
    ) -> Result<(WebSocket, Session<K>, Place), Refused> {
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

    // ANCHOR: let_in
    /// Every question that is asked before a WebSocket is opened, in this order.
    async fn let_in(
        self: &Arc<Self>,
        stream: Box<dyn ByteStream>,
        peer: SocketAddr,
    ) -> Result<(WebSocket, Session<K>, Place), Refused> {
        let handshake = Handshake::read(Fair(stream)).await.map_err(|reason| {
            Metrics::count(&self.metrics.no_handshake);
            ("no request", format!("{peer}: {reason}"))
        })?;

        // From where? A proxy's word counts, and only a proxy's.
        let forwarded = Proxies::client(handshake.request().headers());
        let address = match &self.settings.proxies {
            None => peer.ip(),
            Some(proxies) if proxies.include(peer.ip()) => forwarded.unwrap_or(peer.ip()),
            Some(_) => {
                handshake.refuse(StatusCode::FORBIDDEN, &[], "Come through the proxy.\n").await;
                return Err(("not through the proxy", peer.to_string()));
            }
        };

        // For a page? A full server has those, too, and can say that it is well.
        if !handshake.is_for_a_websocket() {
            let own = forwarded.is_none() && self.is_nearby(peer.ip());
            self.show(handshake, own).await;
            return Err(("a page", address.to_string()));
        }

        // How many?
        let later = [("Retry-After", "5")];
        if self.leaving.is_cancelled() {
            let text = "This server is going away.\n";
            handshake.refuse(StatusCode::SERVICE_UNAVAILABLE, &later, text).await;
            return Err(("came too late", address.to_string()));
        }
        let place = match self.places.take(address) {
            Ok(place) => place,
            Err(full) => {
                let (counter, status, text) = match full {
                    Full::InAll => {
                        let status = StatusCode::SERVICE_UNAVAILABLE;
                        (&self.metrics.refused_full, status, "All places are taken.\n")
                    }
                    Full::ForThisAddress => {
                        let status = StatusCode::TOO_MANY_REQUESTS;
                        let text = "Your address has too many connections.\n";
                        (&self.metrics.refused_address, status, text)
                    }
                };
                Metrics::count(counter);
                handshake.refuse(status, &later, text).await;
                return Err(("refused, too many", format!("{address}: {status}")));
            }
        };

        // Whose page?
        if !self.settings.origins.let_in(handshake.request()) {
            Metrics::count(&self.metrics.refused_origin);
            let text = "Pages of other sites may not connect to this server.\n";
            handshake.refuse(StatusCode::FORBIDDEN, &[], text).await;
            return Err(("refused, a foreign page", address.to_string()));
        }

        // Who? Programs say it here, browsers cannot: theirs is the first message.
        let role = match handshake.request().headers().get("Authorization") {
            None => self.settings.tokens.of_a_stranger(),
            Some(value) => {
                let shown = Token::from_header(value.as_bytes());
                let role = shown.and_then(|shown| self.settings.tokens.role(&shown));
                if role.is_none() {
                    Metrics::count(&self.metrics.refused_token);
                    let ask = [("WWW-Authenticate", "Bearer")];
                    let text = "This token is none of this server's.\n";
                    handshake.refuse(StatusCode::UNAUTHORIZED, &ask, text).await;
                    return Err(("refused, a wrong token", address.to_string()));
                }
                role
            }
        };

        let session = Session { live: self.clone(), role };
        let size = Some(session.max_message_size());
        let config = config().max_message_size(size).max_frame_size(size);
        let socket = handshake.accept(config).await;
        Ok((socket.map_err(|error| ("no handshake", error.to_string()))?, session, place))
    }
    // ANCHOR_END: let_in
}
