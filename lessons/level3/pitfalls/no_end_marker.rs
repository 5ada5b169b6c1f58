//! Pitfall 6: a stream with no end marker.
//!
//! Symptom: the last word has come, and the client hangs.
//! Cause: the connection stays open for the next question, so the end of the stream is mere
//! silence. A slow server and a lost one are silent too.
//! Cure: a message that says "this was all". Here, as in Level 4, it is an empty one. And a
//! deadline nonetheless: a server that dies never sends its end marker.

use std::time::Duration;

use anyhow::Result;
use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, pause};

use crate::{
    peers::{act, hear},
    timeline::Timeline,
};

const WORDS: [&str; 3] = ["one", "two", "three"];

// ANCHOR: ways
async fn wrong(socket: &mut WebSocket, timeline: Timeline) -> Result<()> {
    for word in WORDS {
        pause(socket, Duration::from_millis(200)).await?;
        socket.send(Message::text(word)).await?;
    }
    timeline.note("server", "has sent all its words");
    Ok(())
}

async fn right(socket: &mut WebSocket, timeline: Timeline) -> Result<()> {
    for word in WORDS {
        pause(socket, Duration::from_millis(200)).await?;
        socket.send(Message::text(word)).await?;
    }
    socket.send(Message::text("")).await?;
    timeline.note("server", "has sent all its words and the end marker");
    Ok(())
}
// ANCHOR_END: ways

async fn client(socket: &mut WebSocket, timeline: Timeline) {
    while let Some(word) = hear(socket, timeline).await {
        if word.is_empty() {
            timeline.note("client", "knows that the stream is complete");
            return;
        }
    }
    timeline.note("client", "gives up: was that all, or is the rest lost?");
}

#[tokio::main]
pub async fn run() -> Result<()> {
    act("wrong: three words, then silence", wrong, client).await?;
    act("right: three words, then an empty message", right, client).await?;
    println!("  Why: silence can mean finished, slow or lost; only a message can say finished.");
    Ok(())
}
