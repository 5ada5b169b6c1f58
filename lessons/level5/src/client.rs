//! The client's side of the protocol: asks, stops, and tells the four ends of an answer apart.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::{sync::mpsc, time::timeout};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{CloseWith, WebSocket, close, visible};

use crate::events::{Event, Request, Status, message};

/// How long a server may be silent until it is asked whether it is there; it has as long again to
/// answer. An answerer may think for longer than that.
const PATIENCE: Duration = Duration::from_secs(30);

/// How an answer ended, as its reader sees it.
#[derive(Debug, PartialEq, Eq)]
pub enum Ending {
    /// All of it is there.
    Completed,
    /// We stopped it.
    Cancelled,
    /// The server says why there is no more.
    Failed(String),
    /// The connection was lost before the end, and this is why.
    CutOff(String),
    /// We did not wait for the end.
    Left,
}

/// The assistant, at the other end of a connection.
pub struct Partner {
    socket: WebSocket,
    asked: u64,
}

impl Partner {
    /// Whoever is at the other end of this.
    pub fn over(socket: WebSocket) -> Partner {
        Partner { socket, asked: 0 }
    }

    // ANCHOR: ask
    /// Asks, and hands every piece of the answer to `print`. The first interrupt asks the server to
    /// stop, and the end still comes from there; a second one does not wait for it.
    pub async fn ask(
        &mut self,
        question: &str,
        interrupts: &mut mpsc::Receiver<()>,
        mut print: impl FnMut(&str),
    ) -> Ending {
        self.asked += 1;
        let id = format!("q{}", self.asked);
        if let Err(reason) =
            self.send(message(&Request::Ask { id: id.clone(), text: question.into() })).await
        {
            return Ending::CutOff(reason);
        }
        let mut stopping = false;
        loop {
            tokio::select! {
                event = self.next_event() => match event {
                    Ok(Event::Delta { id: of, text, .. }) if of == id => print(&shown(&text)),
                    Ok(Event::Done { id: of, status }) if of == id => return match status {
                        Status::Completed => Ending::Completed,
                        Status::Cancelled => Ending::Cancelled,
                        Status::Failed { reason } => Ending::Failed(visible(&reason).into()),
                    },
                    // We asked one thing, so it is about that.
                    Ok(Event::Error { reason, .. }) => return Ending::Failed(visible(&reason).into()),
                    // Of an answer that is none of ours.
                    Ok(Event::Delta { .. } | Event::Done { .. }) => {}
                    Err(reason) => return Ending::CutOff(reason),
                },
                _ = interrupts.recv() => {
                    if stopping {
                        return Ending::Left;
                    }
                    stopping = true;
                    if let Err(reason) = self.send(message(&Request::Cancel { id: id.clone() })).await {
                        return Ending::CutOff(reason);
                    }
                }
            }
        }
    }
    // ANCHOR_END: ask

    /// Waits until the connection is over, and says why. Safe to cancel.
    pub async fn lost(&mut self) -> String {
        loop {
            if let Err(reason) = self.next_event().await {
                return reason;
            }
        }
    }

    /// Says goodbye.
    pub async fn leave(mut self) {
        close(&mut self.socket, CloseWith::normal()).await;
    }

    async fn send(&mut self, message: Message) -> Result<(), String> {
        match timeout(PATIENCE, self.socket.send(message)).await {
            Ok(sent) => sent.map_err(|error| error.to_string()),
            Err(_elapsed) => Err("the server reads nothing".into()),
        }
    }

    /// Waits for the next event that is known here. The error says why there is none. Safe to
    /// cancel.
    async fn next_event(&mut self) -> Result<Event, String> {
        let mut reason = "the connection was lost".to_string();
        let mut doubting = false;
        loop {
            let message = match timeout(PATIENCE, self.socket.next()).await {
                Ok(Some(message)) => message,
                Ok(None) => return Err(reason),
                Err(_elapsed) if doubting => {
                    let seconds = 2 * PATIENCE.as_secs();
                    return Err(format!("the server was silent for {seconds} s"));
                }
                Err(_elapsed) => {
                    doubting = true;
                    self.send(Message::Ping("still there?".into())).await?;
                    continue;
                }
            };
            doubting = false;
            match message {
                Ok(Message::Text(text)) => match serde_json::from_str(&text) {
                    Ok(event) => return Ok(event),
                    // A newer server may say more than we know.
                    Err(error) => log::debug!("not understood: {error}"),
                },
                // It says why, for example "the server is shutting down (1001)".
                Ok(Message::Close(Some(frame))) => reason = visible(&frame.to_string()).into(),
                Ok(_) => {}
                Err(error) => reason = error.to_string(),
            }
        }
    }
}

/// A piece of an answer, fit for a terminal: a line break is one, and nothing else is obeyed.
fn shown(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}
