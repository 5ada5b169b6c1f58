use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Result;
use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text};

pub async fn waits_for_the_client_to_speak_first(socket: &mut WebSocket) -> Result<()> {
    let mut number = 0;
    while let Some(text) = next_text(socket).await? {
        if number == 0 {
            socket.send(Message::text("Welcome!")).await?;
        }
        number += 1;
        socket.send(Message::text(format!("{number}: {text}"))).await?;
    }
    Ok(())
}

pub async fn numbers_from_zero(socket: &mut WebSocket) -> Result<()> {
    socket.send(Message::text("Welcome!")).await?;
    let mut number = 0;
    while let Some(text) = next_text(socket).await? {
        socket.send(Message::text(format!("{number}: {text}"))).await?;
        number += 1;
    }
    Ok(())
}

pub async fn counts_for_all_clients_together(socket: &mut WebSocket) -> Result<()> {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    socket.send(Message::text("Welcome!")).await?;
    while let Some(text) = next_text(socket).await? {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        socket.send(Message::text(format!("{number}: {text}"))).await?;
    }
    Ok(())
}

pub async fn replies_to_the_first_only(socket: &mut WebSocket) -> Result<()> {
    socket.send(Message::text("Welcome!")).await?;
    if let Some(text) = next_text(socket).await? {
        socket.send(Message::text(format!("1: {text}"))).await?;
    }
    Ok(())
}

pub async fn sends_binary(socket: &mut WebSocket) -> Result<()> {
    socket.send(Message::binary("Welcome!")).await?;
    let mut number = 0;
    while let Some(text) = next_text(socket).await? {
        number += 1;
        socket.send(Message::binary(format!("{number}: {text}"))).await?;
    }
    Ok(())
}

pub async fn sends_the_number_by_itself(socket: &mut WebSocket) -> Result<()> {
    socket.send(Message::text("Welcome!")).await?;
    let mut number = 0;
    while let Some(text) = next_text(socket).await? {
        number += 1;
        socket.send(Message::text(format!("{number}: "))).await?;
        socket.send(Message::text(text)).await?;
    }
    Ok(())
}
