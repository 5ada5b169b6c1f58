//! The server's side of a connection: one reader, from its subscription to the end of the log.

use std::{pin::pin, sync::Arc, time::Duration};

use anyhow::Result;
use futures_util::{FutureExt, SinkExt};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes, protocol::frame::coding::CloseCode};
use websocket_streaming::{CloseWith, Handler, Page, WebSocket, next_text};

use crate::{Log, Reader, Request, Subscribe, pages::PAGES};

/// How many lines are sent at once, at most: 64. Each reader may have so many in its write buffer.
pub const BURST: usize = 64;

/// How many bytes of lines are sent at once: no further line is added to so many. 4 KiB, since each
/// connection keeps a write buffer of the size that it has once needed.
const BURST_BYTES: usize = 4 * 1024;

/// How long a reader may take nothing: 30 s.
pub const ROOM_DEADLINE: Duration = Duration::from_secs(30);

/// How long a client may take to subscribe: 10 s.
pub const SUBSCRIBE_DEADLINE: Duration = Duration::from_secs(10);

/// What the kernel keeps for a reader that takes nothing, in bytes: 64 KiB. With its own limit of
/// some MiB, a reader that has stopped would be found out only minutes later, and cost as much.
pub const SEND_BUFFER: u32 = 64 * 1024;

/// The longest message of a client, in bytes. A subscription is shorter, and so every reader costs
/// little.
const MAX_REQUEST: usize = 512;

/// What serves a log: to programs and pages over the socket, and the page itself.
#[derive(Debug)]
pub struct Logs(pub Arc<Log>);

impl Handler for Logs {
    async fn handle(&self, socket: &mut WebSocket) -> Result<()> {
        let Ok(wish) = timeout(SUBSCRIBE_DEADLINE, subscription(socket)).await else {
            return Err(refuse("no subscription within 10 s"));
        };
        let Some(wish) = wish? else { return Ok(()) };
        let (hello, reader) = self.0.reader(&wish).map_err(|error| refuse(&error.to_string()))?;
        socket.send(Message::text(hello.encode())).await?;
        follow(socket, reader).await
    }

    fn max_message_size(&self) -> usize {
        MAX_REQUEST
    }

    fn pages(&self) -> &[Page] {
        PAGES
    }
}

// ANCHOR: follow
/// Sends what is there in one burst, and then waits for more.
async fn follow(socket: &mut WebSocket, mut reader: Reader) -> Result<()> {
    loop {
        let full = within(ROOM_DEADLINE, burst(socket, &mut reader)).await.ok_or_else(late)??;
        if reader.is_done() {
            return Ok(());
        }
        let more = async {
            if !full {
                reader.more().await;
            }
        };
        tokio::select! {
            // Reading comes first: pings are answered even where there is always more to send.
            biased;
            text = next_text(socket) => match text? {
                Some(text) => return Err(unwanted(&text)),
                None => return Ok(()),
            },
            () = more => {}
        }
    }
}

/// Sends up to [`BURST`] lines with a single flush, and so with a single system call. Returns
/// whether there may be more. Waits while there is no room.
///
/// # Errors
/// Where the connection is lost.
pub async fn burst(socket: &mut WebSocket, reader: &mut Reader) -> Result<bool> {
    let (mut lines, mut bytes) = (0, 0);
    while lines < BURST && bytes < BURST_BYTES {
        let Some(line) = reader.take() else { break };
        lines += 1;
        bytes += line.len();
        socket.feed(Message::Text(line)).await?;
    }
    socket.flush().await?;
    Ok(lines == BURST || bytes >= BURST_BYTES)
}
// ANCHOR_END: follow

/// As `timeout`, but most often there is room, and then nobody looks at the clock.
pub async fn within<T>(deadline: Duration, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    match future.as_mut().now_or_never() {
        Some(output) => Some(output),
        None => timeout(deadline, future).await.ok(),
    }
}

/// 1013 is "try again later".
fn late() -> CloseWith {
    CloseWith::new(CloseCode::Again, "you read nothing for 30 s")
}

/// Waits for the subscription; `None` if the client leaves before.
async fn subscription(socket: &mut WebSocket) -> Result<Option<Subscribe>> {
    let Some(text) = next_text(socket).await? else { return Ok(None) };
    match serde_json::from_str(&text) {
        Ok(Request::Subscribe(wish)) => Ok(Some(wish)),
        Err(error) => Err(refuse(&format!("a subscription is due: {error}"))),
    }
}

/// What a client says that is subscribed already: there is nothing more to say.
fn unwanted(text: &Utf8Bytes) -> anyhow::Error {
    let again = serde_json::from_str::<Request>(text).is_ok();
    refuse(if again { "you are subscribed already" } else { "a reader only subscribes" })
}

/// 1008 is "policy violation": the same again would be refused again.
fn refuse(reason: &str) -> anyhow::Error {
    CloseWith::new(CloseCode::Policy, reason).into()
}
