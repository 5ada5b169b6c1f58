//! Pitfall 1: a forgotten `.await`.
//!
//! Symptom: the program runs, reports no error, and the peer gets nothing.
//! Cause: to call an async function is to build its future. It runs only while it is awaited.
//! Cure: `.await`. Of a bare `socket.send(...);` rustc warns: "unused ... that must be used". Of a
//! future that was put into a variable, as here, it cannot.

use anyhow::Result;
use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::WebSocket;

use crate::{
    peers::{act, hear},
    timeline::Timeline,
};

// ANCHOR: ways
async fn wrong(socket: &mut WebSocket, timeline: Timeline) -> Result<()> {
    let _sent = socket.send(Message::text("Hello"));
    timeline.note("server", "has called send");
    Ok(())
}

async fn right(socket: &mut WebSocket, timeline: Timeline) -> Result<()> {
    socket.send(Message::text("Hello")).await?;
    timeline.note("server", "has called send");
    Ok(())
}
// ANCHOR_END: ways

async fn client(socket: &mut WebSocket, timeline: Timeline) {
    hear(socket, timeline).await;
}

#[tokio::main]
pub async fn run() -> Result<()> {
    act("wrong: socket.send(...)", wrong, client).await?;
    act("right: socket.send(...).await", right, client).await?;
    println!("  Why: `send` only builds a future, and a future does nothing until it is awaited.");
    Ok(())
}
