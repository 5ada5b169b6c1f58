//! How a connection ends: the closing handshake, and which close code an error means.

use std::{fmt, time::Duration};

use futures_util::StreamExt;
use tokio::{
    io::{AsyncWriteExt, copy, sink},
    time::timeout,
};
use tokio_tungstenite::tungstenite::{
    Error, Utf8Bytes,
    error::ProtocolError,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use crate::{WebSocket, socket::MAX_UNSENT};

/// How long [`close()`] waits for the peer's side of the closing handshake: 3 s.
pub const CLOSE_DEADLINE: Duration = Duration::from_secs(3);

/// A reason to close the connection, as an error: a handler that returns it ends its connection
/// with this close code and reason (section 7.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloseWith {
    /// The close code; section 7.4.1 lists them.
    pub code: CloseCode,
    /// The reason, for the people who debug the peer: 123 bytes at most, a longer one is cut.
    pub reason: Utf8Bytes,
}

impl CloseWith {
    /// Close code 1000, normal closure: all is said.
    pub fn normal() -> Self {
        CloseWith::new(CloseCode::Normal, "")
    }

    /// A close with this code and reason.
    pub fn new(code: CloseCode, reason: impl Into<Utf8Bytes>) -> Self {
        let mut reason = reason.into();
        // A control frame carries 125 bytes at most, two of them the code (section 5.5).
        if reason.len() > 123 {
            let end = (0..=123).rfind(|&end| reason.is_char_boundary(end)).unwrap_or(0);
            reason = reason[..end].into();
        }
        // What may not be in a Close frame (section 7.4.1), such as 1005 or 1006.
        let code = if code.is_allowed() { code } else { CloseCode::Error };
        CloseWith { code, reason }
    }
}

impl fmt::Display for CloseWith {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "close {}: {}", u16::from(self.code), self.reason)
    }
}

impl std::error::Error for CloseWith {}

// ANCHOR: close
/// Ends the connection politely: sends a Close frame, reads until the peer's has come, and then
/// until the peer has ended the TCP connection (sections 7.1.1 and 7.1.2).
///
/// Reading on is not mere courtesy. If unread input is left when a socket is dropped, the kernel
/// resets the connection, and the peer may lose our last words along with the Close frame.
/// Waits [`CLOSE_DEADLINE`] at most. Sends nothing on a connection that is closed already.
pub async fn close(socket: &mut WebSocket, how: CloseWith) {
    let frame = CloseFrame { code: how.code, reason: how.reason };
    let handshake = async {
        // This fails if the peer was first. Its Close frame is answered by the reads below.
        let _ = socket.close(Some(frame)).await;
        while let Some(Ok(_)) = socket.next().await {}
        // After an error tungstenite reads no more, though the peer may well be still sending.
        let stream = socket.get_mut();
        let _ = stream.shutdown().await;
        let _ = copy(stream, &mut sink()).await;
    };
    let _ = timeout(CLOSE_DEADLINE, handshake).await;
}
// ANCHOR_END: close

/// The longest header that a server's frame can have, in bytes (section 5.2).
const MAX_HEADER: usize = 10;

/// An error of another connection, such as that to a server behind this one, without its type.
///
/// A handler's read error decides how its client's connection is closed, and it is known by its
/// type. So an upstream's must lose it, or the upstream's fault is taken for the client's:
/// `next_text(&mut upstream).await.map_err(upstream)?` closes the client's with 1011.
pub fn upstream(error: impl Into<anyhow::Error>) -> anyhow::Error {
    anyhow::anyhow!("upstream: {}", one_line(&error.into()))
}

/// An error and its causes in one line. A cause that its effect has quoted already is not repeated.
pub fn one_line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if line.is_empty() {
            line = cause;
        } else if !line.ends_with(&cause) {
            line = format!("{line}: {cause}");
        }
    }
    line
}

/// Whether the error says only that the peer is gone, or reads nothing: a part of every server's
/// day.
pub(crate) fn peer_left(error: &anyhow::Error) -> bool {
    match error.downcast_ref() {
        // Full of pongs for a peer that pings and never reads. A message of ours that is too long
        // for the buffer even when it is empty is no fault of the peer's.
        Some(Error::WriteBufferFull(message)) => message.len() + MAX_HEADER < MAX_UNSENT,
        Some(Error::Protocol(error)) => matches!(
            error,
            ProtocolError::ResetWithoutClosingHandshake | ProtocolError::SendAfterClosing
        ),
        Some(Error::ConnectionClosed | Error::AlreadyClosed | Error::Io(_)) => true,
        _ => false,
    }
}

// ANCHOR: close_for_error
/// How to close after a handler's error (section 7.4.1): 1002, 1007 or 1009 for what the client
/// did wrong, [`close_for_failure`] for everything else.
pub(crate) fn close_for_error(error: &anyhow::Error) -> CloseWith {
    if let Some(close) = error.downcast_ref::<CloseWith>() {
        return close.clone();
    }
    match error.downcast_ref() {
        Some(Error::Protocol(error)) => CloseWith::new(CloseCode::Protocol, error.to_string()),
        Some(Error::Utf8(_)) => CloseWith::new(CloseCode::Invalid, "text is not valid UTF-8"),
        Some(Error::Capacity(error)) => CloseWith::new(CloseCode::Size, error.to_string()),
        _ => close_for_failure(),
    }
}
// ANCHOR_END: close_for_error

/// Close code 1011 (internal error). What went wrong is for our log, not for strangers.
pub(crate) fn close_for_failure() -> CloseWith {
    CloseWith::new(CloseCode::Error, "the server failed")
}
