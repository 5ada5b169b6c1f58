//! One connection of a server, from its handshake to its close.

use std::{net::SocketAddr, panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{
    http::StatusCode,
    protocol::{WebSocketConfig, frame::coding::CloseCode},
};
use tokio_util::sync::CancellationToken;

use crate::{
    ByteStream, CloseWith, Handler, Handshake, WebSocket, close,
    close::{close_for_error, close_for_failure, peer_left},
    config,
    fair::Fair,
    one_line,
    origin::describe,
    page::hand_out,
};

/// How long a client may take for its handshake: 10 s.
pub const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(10);

// ANCHOR: serve_connection
/// Serves one connection over `stream`, whatever it runs over, from its handshake to its close.
/// Cancelling `stop` closes it with code 1001.
///
/// [`serve()`](crate::serve()) does this for every TCP connection. A test does it over a pipe in
/// memory, where time can be virtual and a transcript exact.
pub async fn serve_connection<S, H>(stream: S, handler: &H, stop: CancellationToken) -> Ending
where
    S: ByteStream + 'static,
    H: Handler,
{
    let size = Some(handler.max_message_size());
    let config = config();
    // Who reads short messages needs no more room for them. It is cleared at every look at it.
    let room = config.read_buffer_size.min(handler.max_message_size());
    let config = config.read_buffer_size(room).max_message_size(size).max_frame_size(size);
    // Boxed: what it needs is freed with it, and not kept while the connection lives.
    let handshake = Box::pin(shake_hands(stream, handler, config));
    let socket = tokio::select! {
        socket = timeout(HANDSHAKE_DEADLINE, handshake) => match socket {
            Ok(Ok(socket)) => socket,
            Ok(Err(reason)) => return Ending::NoHandshake(reason),
            Err(_elapsed) => return Ending::NoHandshake("no request in time".into()),
        },
        () = stop.cancelled() => return Ending::Stopped,
    };
    converse(socket, handler, stop).await
}

/// Lets in whom the handler lets in, and tells all others why not.
async fn shake_hands<S, H>(
    stream: S,
    handler: &H,
    config: WebSocketConfig,
) -> Result<WebSocket, String>
where
    S: ByteStream + 'static,
    H: Handler,
{
    let handshake = Handshake::read(Fair(stream)).await?;
    let request = describe(handshake.request());
    if !handshake.is_for_a_websocket() {
        hand_out(handshake, handler.pages()).await;
        return Err(format!("not for a WebSocket: {request}"));
    }
    if !handler.lets_in(handshake.request()) {
        let reason = "Pages of other sites may not connect to this server.\n";
        handshake.refuse(StatusCode::FORBIDDEN, &[], reason).await;
        return Err(format!("from a foreign page: {request}"));
    }
    handshake.accept(config).await.map_err(|error| error.to_string())
}
// ANCHOR_END: serve_connection

// ANCHOR: converse
/// The part after the handshake: lets `handler` speak, and closes as its outcome says.
/// Cancelling `stop` drops the handler at its `.await` and closes with code 1001.
pub async fn converse<H>(mut socket: WebSocket, handler: &H, stop: CancellationToken) -> Ending
where
    H: Handler,
{
    // What a panic has left in pieces is not used again: the handler is dropped, and the socket
    // serves only to say goodbye.
    let speaking = AssertUnwindSafe(async { handler.handle(&mut socket).await }).catch_unwind();
    let (ending, how) = tokio::select! {
        outcome = speaking => match outcome {
            Ok(Ok(())) => (Ending::Complete, CloseWith::normal()),
            Ok(Err(error)) => {
                let how = close_for_error(&error);
                let left = peer_left(&error);
                (if left { Ending::ClientLeft(error) } else { Ending::Failed(error) }, how)
            }
            Err(_panic) => (Ending::Panicked, close_for_failure()),
        },
        () = stop.cancelled() => {
            (Ending::Stopped, CloseWith::new(CloseCode::Away, "the server is shutting down"))
        }
    };
    close(&mut socket, how).await;
    ending
}
// ANCHOR_END: converse

/// How a connection ended.
#[derive(Debug)]
pub enum Ending {
    /// The client never became one: silence, noise, or a request for something else.
    NoHandshake(String),
    /// The handler said all that it had to say.
    Complete,
    /// The client left while the handler was still speaking.
    ClientLeft(anyhow::Error),
    /// The handler returned an error.
    Failed(anyhow::Error),
    /// The handler panicked.
    Panicked,
    /// The server was told to stop.
    Stopped,
}

impl Ending {
    /// Logs one line a connection, and an error only where the fault is ours.
    pub fn log(&self, peer: SocketAddr) {
        match self {
            Ending::NoHandshake(reason) => log::debug!("{peer}: no handshake: {reason}"),
            Ending::Complete => log::debug!("{peer}: complete"),
            Ending::ClientLeft(error) => log::debug!("{peer}: the client left: {error}"),
            Ending::Failed(error) if close_for_error(error).code == CloseCode::Error => {
                log::error!("{peer}: the handler failed: {}", one_line(error));
            }
            Ending::Failed(error) => log::debug!("{peer}: {}", one_line(error)),
            Ending::Panicked => log::error!("{peer}: the handler panicked"),
            Ending::Stopped => log::debug!("{peer}: the server is shutting down"),
        }
    }
}
