//! Level 2: full duplex. The client sends on its own clock while it prints whatever comes.
//!
//!     cargo run --bin level2_duplex_server
//!     cargo run --bin level2_duplex_client     (in a second terminal)

use std::time::Duration;

use anyhow::Context;
use futures_util::{SinkExt, StreamExt};
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{Failure, cli, connect, visible};

// ANCHOR: main
#[tokio::main]
async fn main() -> Result<(), Failure> {
    let url = cli::server_url(include_str!("duplex_client.rs"));
    let socket = connect(&url).await.map_err(cli::start_first("level2_duplex_server"))?;
    // Two halves of one connection: one only sends, the other only receives.
    let (mut sender, mut receiver) = socket.split();

    let speak = async {
        sleep(Duration::from_millis(500)).await;
        for i in 1..=3 {
            println!("Sent: Message {i}");
            sender.send(Message::text(format!("Message {i}"))).await?;
            sleep(Duration::from_secs(1)).await;
        }
        sender.close().await?;
        anyhow::Ok(())
    };

    let hear = async {
        // Ends when the server has answered our close.
        while let Some(message) = receiver.next().await {
            if let Message::Text(text) = message? {
                println!("Received: {}", visible(&text));
            }
        }
        anyhow::Ok(())
    };

    // Both run at the same time, in this one task; the first error ends both.
    tokio::try_join!(speak, hear).context("the conversation broke off")?;
    Ok(())
}
// ANCHOR_END: main
