//! One type of socket for all lessons, its limits, and the two ways in which they read it.

use std::{fmt, pin::pin, time::Duration};

use anyhow::Result;
use futures_util::StreamExt;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::sleep,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message, Utf8Bytes,
        protocol::{WebSocketConfig, frame::coding::CloseCode},
    },
};

use crate::CloseWith;

// ANCHOR: WebSocket
/// The socket of every lesson: tokio-tungstenite's own type, over any [`ByteStream`].
///
/// It is a `Stream` of incoming and a `Sink` for outgoing `Message`s.
pub type WebSocket = WebSocketStream<Box<dyn ByteStream>>;
// ANCHOR_END: WebSocket

/// What a WebSocket can run over: a TCP connection, TLS, or a pipe in a test's memory.
pub trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> ByteStream for T {}

impl fmt::Debug for dyn ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByteStream")
    }
}

/// The largest message that is accepted, in bytes: 1 MiB. A larger one gets close code 1009
/// (section 7.4.1).
pub const MAX_MESSAGE_SIZE: usize = 1024 * 1024;

/// How much may wait in a connection's write buffer, in bytes: 2 MiB.
pub(crate) const MAX_UNSENT: usize = 2 * MAX_MESSAGE_SIZE;

// ANCHOR: config
/// The limits of every connection, server side and client side.
///
/// A message of up to 2 MiB can be sent; a longer one fails with `WriteBufferFull`. A connection
/// that has once received a large message keeps a read buffer of that size, and one that has sent
/// it a write buffer as well: an echo of 1 MiB holds 2 MiB until it ends.
pub fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        // The default of 128 KiB is allocated at once: 10,000 idle connections would hold 1.3 GB.
        .read_buffer_size(4 * 1024)
        .max_message_size(Some(MAX_MESSAGE_SIZE))
        .max_frame_size(Some(MAX_MESSAGE_SIZE))
        // Without a limit, a peer that pings and never reads makes us hoard the pongs for ever.
        .max_write_buffer_size(MAX_UNSENT)
}
// ANCHOR_END: config

// ANCHOR: next_text
/// Waits for the next text message; `None` once the connection is closed.
///
/// Pings are answered along the way (section 5.5.2), so a server that waits here is one that its
/// clients can see to be alive. Safe to cancel, and so to use in `select!`: no message is lost.
///
/// # Errors
/// [`CloseWith`] code 1003 for a binary message, and tungstenite's error when the peer vanished
/// or broke the protocol. A handler passes both on with `?`: [`serve()`](crate::serve()) closes the
/// connection accordingly.
pub async fn next_text(socket: &mut WebSocket) -> Result<Option<Utf8Bytes>> {
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) => return Ok(Some(text)),
            Message::Binary(_) => {
                let reason = "binary message: only text is understood here";
                return Err(CloseWith::new(CloseCode::Unsupported, reason).into());
            }
            // The answer to a ping or a close is queued by now; the next turn sends it.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {}
        }
    }
    Ok(None)
}
// ANCHOR_END: next_text

// ANCHOR: pause
/// Waits for `duration`, and reads meanwhile: pings are answered, and a client that leaves ends
/// the wait. Text that arrives is dropped.
///
/// A handler that streams uses this instead of `tokio::time::sleep`: one that only sends cannot
/// see its client leave, and never answers a ping.
///
/// # Errors
/// As [`next_text`], and `ConnectionClosed` if the client leaves before the time is over.
pub async fn pause(socket: &mut WebSocket, duration: Duration) -> Result<()> {
    let mut over = pin!(sleep(duration));
    loop {
        tokio::select! {
            // The clock comes first, so that a client that floods us cannot delay its own stream.
            biased;
            () = &mut over => return Ok(()),
            text = next_text(socket) => {
                if text?.is_none() {
                    return Err(tungstenite::Error::ConnectionClosed.into());
                }
            }
        }
    }
}
// ANCHOR_END: pause
