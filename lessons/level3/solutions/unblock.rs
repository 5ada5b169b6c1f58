//! A solution of `lessons/level3/exercises/unblock.rs`: its `reply`, and `tokio::time::sleep`
//! imported in place of `std::thread`.

use std::time::Duration;

use anyhow::Result;
use futures_util::SinkExt;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text};

const THOUGHT: Duration = Duration::from_millis(300);

pub async fn reply(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        // At this `.await` the task gives its thread back, and other clients have their turn.
        // What cannot be awaited, like a long computation, goes to `tokio::task::spawn_blocking`.
        sleep(THOUGHT).await;
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    Ok(())
}
