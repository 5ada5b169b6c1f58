//! Level 1: the smallest WebSocket client. It says hello and prints the answer.
//!
//!     cargo run --bin level1_echo_server
//!     cargo run --bin level1_echo_client     (in a second terminal)

use std::{env, process::exit};

use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Error, Message},
};

// ANCHOR: main
#[tokio::main]
async fn main() -> Result<(), Error> {
    let url = env::args().nth(1).unwrap_or("ws://127.0.0.1:8765".into());
    if url == "--help" || url == "-h" {
        println!("Usage: level1_echo_client [URL]    (default: ws://127.0.0.1:8765)");
        return Ok(());
    }
    // TCP connection and handshake in one step. The response is the server's HTTP answer.
    let (mut socket, _response) = connect_async(&url).await.unwrap_or_else(|error| {
        let advice = match error {
            Error::Io(_) if url.starts_with("ws://") => {
                "start its server first: cargo run --bin level1_echo_server"
            }
            Error::Http(_) | Error::Protocol(_) => "is that a WebSocket server?",
            _ => "a URL looks like ws://127.0.0.1:8765",
        };
        eprintln!("cannot reach {url}: {error}; {advice}");
        exit(1);
    });

    socket.send(Message::text("Hello WebSocket!")).await?;

    // The next message may be something else than text, so we look before we print.
    match socket.next().await {
        Some(Ok(Message::Text(text))) => println!("Received: {text}"),
        other => {
            eprintln!("expected a text, got {other:?}");
            exit(1);
        }
    }

    // Say goodbye, then read until the server has said so too.
    socket.close(None).await?;
    while let Some(message) = socket.next().await {
        message?;
    }
    Ok(())
}
// ANCHOR_END: main
