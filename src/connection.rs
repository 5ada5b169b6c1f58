//! One connection of a server, from its handshake to its close.

use std::{net::SocketAddr, panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;
use tokio::time::timeout;
use tokio_tungstenite::{
    accept_async_with_config, tungstenite::protocol::frame::coding::CloseCode,
};
use tokio_util::sync::CancellationToken;

use crate::{
    ByteStream, CloseWith, Handler, close,
    close::{close_for_error, close_for_failure, peer_left},
    config,
};

/// How long a client may take for its handshake: 10 s.
pub const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(10);

// ANCHOR: serve_connection
/// Serves one connection over `stream`, whatever it runs over, from its handshake to its close.
/// Cancelling `stop` closes it with code 1001.
///
/// [`serve()`](crate::serve()) does this for every TCP connection. A test does it over a pipe in memory, where
/// time can be virtual and a transcript exact.
pub async fn serve_connection<S, H>(stream: S, handler: &H, stop: CancellationToken) -> Ending
where
    S: ByteStream + 'static,
    H: Handler,
{
    let stream: Box<dyn ByteStream> = Box::new(stream);
    let handshake = timeout(HANDSHAKE_DEADLINE, accept_async_with_config(stream, Some(config())));
    let mut socket = tokio::select! {
        socket = handshake => match socket {
            Ok(Ok(socket)) => socket,
            Ok(Err(error)) => return Ending::NoHandshake(error.to_string()),
            Err(_elapsed) => return Ending::NoHandshake("no request in time".into()),
        },
        () = stop.cancelled() => return Ending::Stopped,
    };

    // What a panic has left in pieces is not used again: the handler is dropped, and the socket
    // serves only to say goodbye.
    let speaking = AssertUnwindSafe(async { handler.handle(&mut socket).await }).catch_unwind();
    let ending = tokio::select! {
        outcome = speaking => match outcome {
            Ok(Ok(())) => Ending::Complete,
            Ok(Err(error)) if peer_left(&error) => Ending::ClientLeft(error),
            Ok(Err(error)) => Ending::Failed(error),
            Err(_panic) => Ending::Panicked,
        },
        () = stop.cancelled() => Ending::Stopped,
    };
    close(&mut socket, ending.close_with()).await;
    ending
}
// ANCHOR_END: serve_connection

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
    fn close_with(&self) -> CloseWith {
        match self {
            Ending::Complete => CloseWith::normal(),
            Ending::Stopped => CloseWith::new(CloseCode::Away, "the server is shutting down"),
            Ending::Failed(error) | Ending::ClientLeft(error) => close_for_error(error),
            Ending::NoHandshake(_) | Ending::Panicked => close_for_failure(),
        }
    }

    /// One line a connection, and an error only where the fault is ours.
    pub(crate) fn log(&self, peer: SocketAddr) {
        match self {
            Ending::NoHandshake(reason) => log::debug!("{peer}: no handshake: {reason}"),
            Ending::Complete => log::debug!("{peer}: complete"),
            Ending::ClientLeft(error) => log::debug!("{peer}: the client left: {error}"),
            Ending::Failed(error) if self.close_with().code == CloseCode::Error => {
                log::error!("{peer}: the handler failed: {error:#}");
            }
            Ending::Failed(error) => log::debug!("{peer}: {error:#}"),
            Ending::Panicked => log::error!("{peer}: the handler panicked"),
            Ending::Stopped => log::debug!("{peer}: the server is shutting down"),
        }
    }
}
