//! A solution of `lessons/level2/exercises/numbered_replies.rs`: its `reply`, nothing else changes.

use anyhow::Result;
use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text};

pub async fn reply(socket: &mut WebSocket) -> Result<()> {
    // A WebSocket knows no requests and responses: each side speaks when it likes.
    socket.send(Message::text("Welcome!")).await?;
    // Local, so each client has its own. A `static` would count for all clients together.
    let mut number = 0;
    while let Some(text) = next_text(socket).await? {
        number += 1;
        socket.send(Message::text(format!("{number}: {text}"))).await?;
    }
    Ok(())
}
