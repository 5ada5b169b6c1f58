//! Pitfall 4: `feed` without `flush`.
//!
//! Symptom: every call returns `Ok`, and the peer gets nothing, however long it waits.
//! Cause: `feed` puts a message into the write buffer. It leaves when the buffer is full or
//! flushed, and reading flushes only if there is a ping or a close to answer.
//! Cure: `send`, which is `feed` and `flush`, for each chunk that somebody waits for; `feed` and
//! one `flush` at the end for a burst, where it is many times faster.

use anyhow::Result;
use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::WebSocket;

use crate::{
    peers::{act, hear},
    timeline::Timeline,
};

const WORDS: [&str; 3] = ["one", "two", "three"];

// ANCHOR: ways
async fn wrong(socket: &mut WebSocket, timeline: Timeline) -> Result<()> {
    for word in WORDS {
        socket.feed(Message::text(word)).await?;
        timeline.note("server", format!("feeds {word:?}"));
    }
    Ok(())
}

async fn right(socket: &mut WebSocket, timeline: Timeline) -> Result<()> {
    for word in WORDS {
        socket.feed(Message::text(word)).await?;
        timeline.note("server", format!("feeds {word:?}"));
    }
    timeline.note("server", "flushes");
    socket.flush().await?;
    Ok(())
}
// ANCHOR_END: ways

async fn client(socket: &mut WebSocket, timeline: Timeline) {
    for _ in WORDS {
        if hear(socket, timeline).await.is_none() {
            break;
        }
    }
}

#[tokio::main]
pub async fn run() -> Result<()> {
    act("wrong: feed, feed, feed", wrong, client).await?;
    act("right: feed, feed, feed, flush", right, client).await?;
    println!("  Why: `feed` only fills the write buffer, `flush` empties it, `send` is both.");
    Ok(())
}
