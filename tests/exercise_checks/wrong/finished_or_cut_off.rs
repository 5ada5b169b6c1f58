use anyhow::{Result, bail};
use futures_util::StreamExt;
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};
use websocket_streaming::WebSocket;

pub async fn is_not_repaired(socket: &mut WebSocket) -> Result<String> {
    let mut whole = String::new();
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Text(chunk) = message {
            whole += &chunk;
        }
    }
    Ok(whole)
}

pub async fn is_content_with_any_close(socket: &mut WebSocket) -> Result<String> {
    let mut whole = String::new();
    let mut finished = false;
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(chunk) => whole += &chunk,
            Message::Close(_) => finished = true,
            _ => {}
        }
    }
    if finished { Ok(whole) } else { bail!("cut off") }
}

pub async fn is_content_when_the_server_vanishes(socket: &mut WebSocket) -> Result<String> {
    let mut whole = String::new();
    while let Some(Ok(message)) = socket.next().await {
        match message {
            Message::Text(chunk) => whole += &chunk,
            Message::Close(Some(frame)) if frame.code != CloseCode::Normal => {
                while let Some(Ok(_)) = socket.next().await {}
                bail!("the server failed")
            }
            _ => {}
        }
    }
    Ok(whole)
}

pub async fn takes_every_close_for_a_failure(socket: &mut WebSocket) -> Result<String> {
    let mut whole = String::new();
    while let Some(message) = socket.next().await {
        if let Message::Text(chunk) = message? {
            whole += &chunk;
        }
    }
    bail!("the server has left")
}

pub async fn returns_without_its_half_of_the_goodbye(socket: &mut WebSocket) -> Result<String> {
    let mut whole = String::new();
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(chunk) => whole += &chunk,
            Message::Close(Some(frame)) if frame.code == CloseCode::Normal => return Ok(whole),
            _ => {}
        }
    }
    bail!("cut off")
}

pub async fn returns_the_last_chunk_alone(socket: &mut WebSocket) -> Result<String> {
    let mut last = String::new();
    let mut finished = false;
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(chunk) => last = chunk.to_string(),
            Message::Close(Some(frame)) => finished = frame.code == CloseCode::Normal,
            _ => {}
        }
    }
    if finished { Ok(last) } else { bail!("cut off") }
}

/// After its end, `next` yields `None` at once, for ever.
pub async fn does_not_stop_at_the_end(socket: &mut WebSocket) -> Result<String> {
    let mut whole = String::new();
    loop {
        if let Some(Message::Text(chunk)) = socket.next().await.transpose()? {
            whole += &chunk;
        }
    }
}
