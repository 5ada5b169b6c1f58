use std::{future::pending, thread, time::Duration};

use anyhow::Result;
use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, pause};

const POEM: &str = "春眠不觉晓，处处闻啼鸟。";
const BEAT: Duration = Duration::from_millis(200);

pub async fn sends_the_poem_in_one_piece(socket: &mut WebSocket) -> Result<()> {
    socket.send(Message::text(POEM)).await?;
    pause(socket, BEAT).await
}

pub async fn takes_bytes_for_characters(socket: &mut WebSocket) -> Result<()> {
    for i in 0..POEM.len() {
        socket.send(Message::text(&POEM[i..i + 1])).await?;
        pause(socket, BEAT).await?;
    }
    Ok(())
}

pub async fn has_no_beat(socket: &mut WebSocket) -> Result<()> {
    for character in POEM.chars() {
        socket.send(Message::text(character.to_string())).await?;
    }
    Ok(())
}

pub async fn blocks_between_the_characters(socket: &mut WebSocket) -> Result<()> {
    for character in POEM.chars() {
        socket.send(Message::text(character.to_string())).await?;
        thread::sleep(BEAT);
    }
    Ok(())
}

pub async fn waits_before_the_first(socket: &mut WebSocket) -> Result<()> {
    for character in POEM.chars() {
        pause(socket, BEAT).await?;
        socket.send(Message::text(character.to_string())).await?;
    }
    Ok(())
}

pub async fn skips_what_comes_twice(socket: &mut WebSocket) -> Result<()> {
    let mut characters: Vec<char> = POEM.chars().collect();
    characters.dedup();
    for character in characters {
        socket.send(Message::text(character.to_string())).await?;
        pause(socket, BEAT).await?;
    }
    Ok(())
}

pub async fn never_closes(socket: &mut WebSocket) -> Result<()> {
    for character in POEM.chars() {
        socket.send(Message::text(character.to_string())).await?;
        pause(socket, BEAT).await?;
    }
    pending().await
}
