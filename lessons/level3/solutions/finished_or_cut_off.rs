//! A solution of `lessons/level3/exercises/finished_or_cut_off.rs`: its `receive` and two imports.

use anyhow::{Result, ensure};
use futures_util::StreamExt;
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};
use websocket_streaming::WebSocket;

pub async fn receive(socket: &mut WebSocket) -> Result<String> {
    let mut whole = String::new();
    // Cut off, until we are told otherwise.
    let mut finished = false;
    while let Some(message) = socket.next().await {
        // The `?` is for a server that vanishes: the last thing we read is an error.
        match message? {
            Message::Text(chunk) => whole += &chunk,
            // Only remembered: to `return` here would leave without our half of the goodbye.
            Message::Close(Some(frame)) => finished = frame.code == CloseCode::Normal,
            _ => {}
        }
    }
    ensure!(finished, "the stream was cut off after: {whole}");
    Ok(whole)
}
