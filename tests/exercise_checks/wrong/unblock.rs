use std::{thread, time::Duration};

use anyhow::Result;
use futures_util::SinkExt;
use tokio::{runtime::Handle, task::spawn_blocking, time::sleep};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text};

const THOUGHT: Duration = Duration::from_millis(300);

pub async fn is_not_repaired(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        thread::sleep(THOUGHT);
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    Ok(())
}

pub async fn blocks_on_a_future(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        Handle::current().block_on(sleep(THOUGHT));
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    Ok(())
}

pub async fn forgets_the_await(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        drop(sleep(THOUGHT));
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    Ok(())
}

pub async fn waits_for_a_thread(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        let _ = thread::spawn(|| thread::sleep(THOUGHT)).join();
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    Ok(())
}

pub async fn takes_a_thread_of_its_own(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        spawn_blocking(|| thread::sleep(THOUGHT)).await?;
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    Ok(())
}
