//! A solution of `lessons/level2/exercises/typewriter.rs`: its `type_poem`, nothing else changes.

use std::time::Duration;

use anyhow::Result;
use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, pause};

const POEM: &str = "春眠不觉晓，处处闻啼鸟。";
const BEAT: Duration = Duration::from_millis(200);

pub async fn type_poem(socket: &mut WebSocket) -> Result<()> {
    // `chars`, not `bytes`: a text message must be whole UTF-8.
    for character in POEM.chars() {
        socket.send(Message::text(character.to_string())).await?;
        // `pause` reads while it waits, so a client that leaves is noticed.
        pause(socket, BEAT).await?;
    }
    Ok(())
}
