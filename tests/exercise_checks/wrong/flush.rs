use std::time::Duration;

use anyhow::Result;
use futures_util::SinkExt;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, pause};

const BEAT: Duration = Duration::from_millis(500);

pub async fn is_not_repaired(socket: &mut WebSocket) -> Result<()> {
    for number in (1..=3).rev() {
        socket.feed(Message::text(format!("{number} "))).await?;
        pause(socket, BEAT).await?;
    }
    Ok(())
}

pub async fn flushes_once_at_the_end(socket: &mut WebSocket) -> Result<()> {
    for number in (1..=3).rev() {
        socket.feed(Message::text(format!("{number} "))).await?;
        pause(socket, BEAT).await?;
    }
    socket.flush().await?;
    Ok(())
}

pub async fn flushes_before_the_message(socket: &mut WebSocket) -> Result<()> {
    for number in (1..=3).rev() {
        socket.flush().await?;
        socket.feed(Message::text(format!("{number} "))).await?;
        pause(socket, BEAT).await?;
    }
    Ok(())
}

pub async fn forgets_the_await(socket: &mut WebSocket) -> Result<()> {
    for number in (1..=3).rev() {
        drop(socket.send(Message::text(format!("{number} "))));
        pause(socket, BEAT).await?;
    }
    Ok(())
}

pub async fn flushes_a_moment_later(socket: &mut WebSocket) -> Result<()> {
    for number in (1..=3).rev() {
        socket.feed(Message::text(format!("{number} "))).await?;
        sleep(Duration::from_millis(10)).await;
        socket.flush().await?;
        pause(socket, BEAT - Duration::from_millis(10)).await?;
    }
    Ok(())
}
