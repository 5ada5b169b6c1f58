//! How a client learns that its connection is lost, and whether it is worth coming back.

use std::{fmt::Display, time::Duration};

use futures_util::{SinkExt, StreamExt};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{
    Error, Message,
    http::StatusCode,
    protocol::{CloseFrame, frame::coding::CloseCode},
};
use websocket_streaming::{ConnectError, ConnectErrorKind, WebSocket};

use crate::Event;

/// After so much silence a client asks whether the server is still there, and after as much again
/// it takes the connection for lost: 20 s.
pub const SILENCE: Duration = Duration::from_secs(20);

/// How long a server may take to say hello: 10 s.
pub const HELLO_DEADLINE: Duration = Duration::from_secs(10);

/// Why a connection is lost.
#[derive(Debug)]
pub struct Lost {
    /// For a person.
    pub reason: String,
    /// Whether another attempt may succeed.
    pub may_come_back: bool,
}

impl Lost {
    /// Another attempt may succeed.
    pub fn for_now(reason: impl Into<String>) -> Lost {
        Lost { reason: reason.into(), may_come_back: true }
    }

    /// Another attempt would end the same way.
    pub fn for_good(reason: impl Into<String>) -> Lost {
        Lost { reason: reason.into(), may_come_back: false }
    }
}

fn no_logs(why: impl Display) -> Lost {
    let todo = "give the URL of one, as `cargo run -p level6 --bin logs_server` prints it";
    Lost::for_good(format!("this is no server of logs: {why}; {todo}"))
}

/// Waits for the first event; `is_known` if the server has said hello before.
pub(crate) async fn first_event(socket: &mut WebSocket, is_known: bool) -> Result<Event, Lost> {
    let first = async {
        loop {
            // An echo of our subscription is an event of no kind that we know.
            match next_event(socket).await? {
                Event::Unknown => {}
                event => return Ok(event),
            }
        }
    };
    match timeout(HELLO_DEADLINE, first).await {
        Ok(event) => event,
        Err(_elapsed) if is_known => Err(Lost::for_now("the server has said no hello for 10 s")),
        Err(_elapsed) => Err(no_logs("it has said no hello within 10 s")),
    }
}

/// Waits for the next event.
pub(crate) async fn next_event(socket: &mut WebSocket) -> Result<Event, Lost> {
    loop {
        let message = match timeout(SILENCE, socket.next()).await {
            Ok(message) => message,
            Err(_elapsed) => {
                // A pong is due, whatever the log does: pings are always answered. The buffer may
                // be full, if the server is gone: that is silence, too.
                let _ = timeout(SILENCE, socket.send(Message::Ping("still there?".into()))).await;
                let answer = timeout(SILENCE, socket.next()).await;
                answer.map_err(|_elapsed| Lost::for_now("the server was silent for 40 s"))?
            }
        };
        match message {
            Some(Ok(Message::Text(text))) => {
                return serde_json::from_str(&text).map_err(no_logs);
            }
            Some(Ok(Message::Close(Some(frame)))) => return Err(frame.into()),
            Some(Ok(Message::Binary(_))) => return Err(no_logs("a binary message")),
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(error.into()),
            None => return Err(Lost::for_now("the connection was lost")),
        }
    }
}

// ANCHOR: again
/// Whether another attempt may succeed after this close code (section 7.4.1): the server is going
/// away, has failed, is being restarted, or is too busy. After all others it would end the same way.
fn is_passing(code: CloseCode) -> bool {
    use CloseCode::{Again, Away, Error, Restart};
    matches!(code, Away | Error | Restart | Again)
}

impl From<CloseFrame> for Lost {
    fn from(frame: CloseFrame) -> Lost {
        Lost { may_come_back: is_passing(frame.code), reason: frame.to_string() }
    }
}

impl From<ConnectError> for Lost {
    fn from(error: ConnectError) -> Lost {
        let may_come_back = match &error.kind {
            ConnectErrorKind::Tcp(_) | ConnectErrorKind::Silence => true,
            ConnectErrorKind::Refused(status) => {
                let passing = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
                status.is_server_error() || passing.contains(status)
            }
            // It broke in the middle. Anything else is an answer, and not that of a server of logs.
            ConnectErrorKind::Handshake(error) => is_broken(error),
            _ => false,
        };
        Lost { reason: error.to_string(), may_come_back }
    }
}

impl From<Error> for Lost {
    fn from(error: Error) -> Lost {
        Lost { may_come_back: is_broken(&error), reason: error.to_string() }
    }
}
// ANCHOR_END: again

/// Whether the error says only that the connection is broken, and not that the peer is at fault.
fn is_broken(error: &Error) -> bool {
    use tokio_tungstenite::tungstenite::error::ProtocolError::{
        HandshakeIncomplete, ResetWithoutClosingHandshake, SendAfterClosing,
    };
    matches!(
        error,
        Error::Io(_)
            | Error::ConnectionClosed
            | Error::AlreadyClosed
            | Error::Protocol(
                HandshakeIncomplete | ResetWithoutClosingHandshake | SendAfterClosing
            )
    )
}
