//! Level 2: a conversation. Three messages over one connection, and a reply to each.
//!
//!     cargo run --bin level2_bidirectional_server
//!     cargo run --bin level2_bidirectional_client     (in a second terminal)

use anyhow::Context;
use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{CloseWith, Failure, cli, close, connect, next_text, visible};

// ANCHOR: main
#[tokio::main]
async fn main() -> Result<(), Failure> {
    let url = cli::server_url(include_str!("bidirectional_client.rs"));
    let mut socket =
        connect(&url).await.map_err(cli::start_first("level2_bidirectional_server"))?;

    for i in 1..=3 {
        socket.send(Message::text(format!("Message {i}"))).await?;
        let reply = next_text(&mut socket).await?.context("the server left before it replied")?;
        println!("Server replied: {}", visible(&reply));
    }

    close(&mut socket, CloseWith::normal()).await;
    Ok(())
}
// ANCHOR_END: main
