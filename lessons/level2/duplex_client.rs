//! Level 2: full duplex. The client sends on its own clock while it prints whatever comes.
//!
//!     cargo run --bin level2_duplex_server
//!     cargo run --bin level2_duplex_client     (in a second terminal)

use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};
use websocket_streaming::{Failure, WebSocket, cli, connect, visible};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let url = cli::server_url(include_str!("duplex_client.rs"));
    let socket = connect(&url).await.map_err(cli::start_first("level2_duplex_server"))?;
    speak_and_hear(socket).await.context("the conversation broke off")?;
    Ok(())
}

// ANCHOR: speak_and_hear
/// Says three messages and goodbye, and prints whatever comes meanwhile.
async fn speak_and_hear(socket: WebSocket) -> Result<()> {
    // Two halves of one connection: one only sends, the other only receives.
    let (mut sender, mut receiver) = socket.split();

    let speak = async {
        sleep(Duration::from_millis(500)).await;
        for i in 1..=3 {
            sender.send(Message::text(format!("Message {i}"))).await?;
            println!("Sent: Message {i}");
            sleep(Duration::from_secs(1)).await;
        }
        // The goodbye, with its code: `sender.close()` would send none.
        let normal = CloseFrame { code: CloseCode::Normal, reason: "".into() };
        sender.send(Message::Close(Some(normal))).await?;
        anyhow::Ok(())
    };

    let hear = async {
        let mut close = None;
        // Ends when both have said goodbye, whoever was first.
        while let Some(message) = receiver.next().await {
            match message? {
                Message::Text(text) => println!("Received: {}", visible(&text)),
                Message::Close(frame) => close = frame,
                _ => {}
            }
        }
        anyhow::Ok(close)
    };

    // Both run at the same time, in this one task, until both are done.
    let (spoken, close) = tokio::join!(speak, hear);
    // If the server left first, `speak` knows only that it could not send; `hear` knows why.
    match close? {
        Some(frame) if frame.code == CloseCode::Normal && spoken.is_ok() => Ok(()),
        Some(frame) => bail!("{frame}"),
        None => bail!("the server left without a code"),
    }
}
// ANCHOR_END: speak_and_hear
