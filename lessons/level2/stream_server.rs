//! Level 2: streaming. A poem goes out line by line, and nobody waits for the whole.
//!
//!     cargo run --bin level2_stream_server
//!     cargo run --bin level2_stream_client     (in a second terminal)

use std::time::Duration;

use anyhow::Result;
use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{Failure, WebSocket, cli, listen, pause, serve, shutdown_signal};

/// 《春晓》, "Spring Morning", by 孟浩然 (689–740).
const SPRING_MORNING: [&str; 4] = ["春眠不觉晓，", "处处闻啼鸟。", "夜来风雨声，", "花落知多少。"];

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let address = cli::server_address(include_str!("stream_server.rs"));
    let shutdown = shutdown_signal();
    let listener = listen(&address).await?;
    serve(listener, recite, shutdown).await;
    Ok(())
}

// ANCHOR: recite
/// Recites the poem. When it returns, `serve` closes the connection, and that ends the stream.
pub async fn recite(socket: &mut WebSocket) -> Result<()> {
    for line in SPRING_MORNING {
        // One line, one message: a *chunk* of the stream.
        socket.send(Message::text(line)).await?;
        // A second to think. Not a plain `sleep`, which would not see the client leave.
        pause(socket, Duration::from_secs(1)).await?;
    }
    Ok(())
}
// ANCHOR_END: recite
