//! New connections, both ends in one hand: in memory for virtual time, over TCP for real time.

use tokio::{
    io::{DuplexStream, duplex},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::Instant,
};
use tokio_tungstenite::{WebSocketStream, accept_async, client_async};
use tokio_util::sync::CancellationToken;
use websocket_streaming::{ByteStream, Ending, Handler, WebSocket, serve_connection};

use crate::deadline::soon;

/// The two ends of a new connection in memory: the server's and the client's. Up to `capacity`
/// bytes are under way in each direction.
pub async fn in_memory(capacity: usize) -> (WebSocket, WebSocket) {
    let (near, far) = duplex(capacity);
    let (near, far): (Box<dyn ByteStream>, Box<dyn ByteStream>) = (Box::new(near), Box::new(far));
    let (near, far) = tokio::join!(accept_async(near), client_async("ws://memory/", far));
    (near.expect("the server agrees"), far.expect("the client agrees").0)
}

/// The two ends of a new connection over real TCP: the server's and the client's.
pub async fn over_tcp() -> (WebSocketStream<TcpStream>, WebSocketStream<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let far = TcpStream::connect(address).await.expect("somebody listens");
    let (near, _peer) = listener.accept().await.expect("somebody connects");
    let ends = async { tokio::join!(accept_async(near), client_async("ws://localhost/", far)) };
    let (near, far) = soon(ends).await;
    (near.expect("the server agrees"), far.expect("the client agrees").0)
}

/// A connection in memory that `handler` serves.
pub struct Served {
    /// The client's end, before the handshake.
    pub stream: DuplexStream,
    /// Tells the server to stop.
    pub stop: CancellationToken,
    /// How the server's side ended, and when.
    pub ended: JoinHandle<(Ending, Instant)>,
}

impl Served {
    /// Serves as `serve` does, from the handshake on.
    pub fn by<H: Handler>(handler: H) -> Served {
        let (stream, server_end) = duplex(64 * 1024);
        let stop = CancellationToken::new();
        let served = stop.clone();
        let ended = tokio::spawn(async move {
            let ending = serve_connection(server_end, &handler, served).await;
            (ending, Instant::now())
        });
        Served { stream, stop, ended }
    }
}

/// The client's side of the handshake, over any stream.
pub async fn shake_hands<S: ByteStream>(stream: S) -> WebSocketStream<S> {
    let handshake = soon(client_async("ws://memory/", stream)).await;
    handshake.expect("the handshake succeeds").0
}
