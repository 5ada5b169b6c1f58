//! The client, whatever it is for: it comes back when the connection is lost.

use std::time::Duration;

use anyhow::{Result, bail};
use futures_util::SinkExt;
use level6::{Backoff, Lost, Seen};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{CloseWith, WebSocket, close};

use crate::{Beat, Said};

/// A client, with what it is made of: a test gives it connections in memory and waits of its own.
#[derive(Clone, Debug)]
pub struct Client<D> {
    /// Makes a connection.
    pub dial: D,
    /// Not to come back when the connection is lost.
    pub once: bool,
    /// How long to wait, given the longest wait; [`level6::full_jitter`].
    pub jitter: fn(Duration) -> Duration,
    /// How often the server is looked after; [`PULSE`](crate::PULSE).
    pub pulse: Duration,
}

/// What a client has to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// What Level 6's client shows, too.
    Seen(Seen),
    /// The log is out of reach for the server, or there again.
    Notice(String),
    /// The line is kept, with this number.
    Kept(u64),
    /// The server does not keep this line, and never will; why.
    Refused(String, String),
}

impl<D: AsyncFnMut() -> Result<WebSocket, Lost>> Client<D> {
    // ANCHOR: persist
    /// Does `work` on a connection, and on another where that is lost, until it is done.
    ///
    /// # Errors
    /// Why it is in vain to try again; with `once`, why the connection was lost.
    pub(crate) async fn persist<W, S>(&mut self, mut work: W, show: &mut S) -> Result<()>
    where
        W: AsyncFnMut(&mut WebSocket, &mut Backoff, &mut S) -> Result<(), Lost>,
        S: FnMut(Shown),
    {
        let mut backoff = Backoff::default();
        loop {
            let lost = match (self.dial)().await {
                Ok(mut socket) => {
                    show(Shown::Seen(Seen::Connected));
                    let outcome = work(&mut socket, &mut backoff, show).await;
                    close(&mut socket, CloseWith::normal()).await;
                    match outcome {
                        Ok(()) => return Ok(()),
                        Err(lost) => lost,
                    }
                }
                Err(lost) => lost,
            };
            if self.once || !lost.may_come_back {
                bail!(lost.reason);
            }
            let wait = (self.jitter)(backoff.next_limit());
            show(Shown::Seen(Seen::Waiting(lost.reason, wait)));
            sleep(wait).await;
        }
    }
    // ANCHOR_END: persist
}

/// What a message says; `None` if it only shows that the server is there.
pub(crate) fn understood(
    message: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>,
) -> Result<Option<Said>, Lost> {
    match message {
        Some(Ok(Message::Text(text))) => {
            let said = serde_json::from_str(&text);
            said.map(Some).map_err(|_| Lost::for_good("this is no server of live logs"))
        }
        Some(Ok(Message::Binary(_))) => Err(Lost::for_good("this is no server of live logs")),
        Some(Ok(Message::Close(Some(frame)))) => Err(frame.into()),
        Some(Ok(_)) => Ok(None),
        Some(Err(error)) => Err(error.into()),
        None => Err(Lost::for_now("the connection was lost")),
    }
}

/// What a beat of the server's pulse asks for: a ping, or to give the connection up.
pub(crate) async fn look_after(
    socket: &mut WebSocket,
    beat: Beat,
    pulse: Duration,
) -> Result<(), Lost> {
    match beat {
        Beat::Ask => send(socket, Message::Ping("still there?".into()), pulse).await,
        Beat::Gone => Err(silent(pulse)),
    }
}

/// Sends, but not for longer than a pulse: a server that takes nothing is as good as gone.
pub(crate) async fn send(
    socket: &mut WebSocket,
    message: Message,
    pulse: Duration,
) -> Result<(), Lost> {
    Ok(timeout(pulse, socket.send(message)).await.map_err(|_elapsed| silent(pulse))??)
}

fn silent(pulse: Duration) -> Lost {
    Lost::for_now(format!("the server was silent for {} s", pulse.as_secs_f64()))
}
