//! Level 2: a conversation. The connection outlives one message, and in the end a client leaves.
//!
//!     cargo run --bin level2_bidirectional_server
//!     cargo run --bin level2_bidirectional_client     (in a second terminal)

use anyhow::Result;
use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{
    Failure, WebSocket, cli, listen, next_text, say, serve, shutdown_signal,
};

// ANCHOR: main
#[tokio::main]
async fn main() -> Result<(), Failure> {
    let address = cli::server_address(include_str!("bidirectional_server.rs"));
    let shutdown = shutdown_signal();
    let listener = listen(&address).await?;
    // The accept loop of Level 1 is in here: a task for each client, a handler in each task.
    serve(listener, converse, shutdown).await;
    Ok(())
}
// ANCHOR_END: main

// ANCHOR: converse
/// Talks with one client until it leaves, politely or not.
pub async fn converse(socket: &mut WebSocket) -> Result<()> {
    let conversation = reply_to_each(socket).await;
    say!("Client disconnected");
    conversation
}

async fn reply_to_each(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        say!("Client said: {text}");
        socket.send(Message::text(format!("Server reply: {text}"))).await?;
    }
    Ok(())
}
// ANCHOR_END: converse
