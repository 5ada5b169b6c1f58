//! A solution of `lessons/level3/exercises/flush.rs`: its `count_down`, nothing else changes.

use std::time::Duration;

use anyhow::Result;
use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, pause};

pub async fn count_down(socket: &mut WebSocket) -> Result<()> {
    for number in (1..=3).rev() {
        // `send` is `feed` and `flush`. Use `feed` for a burst of messages with one `flush` after
        // it; use `send` for whatever somebody is waiting for.
        socket.send(Message::text(format!("{number} "))).await?;
        pause(socket, Duration::from_millis(500)).await?;
    }
    Ok(())
}
