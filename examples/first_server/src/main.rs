//! A first server in a project of one's own, with no library but the public ones.

// ANCHOR: first_server
use std::time::Duration;

use anyhow::Result;
use futures_util::{SinkExt, StreamExt};
use tokio::{
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_tungstenite::{accept_async, tungstenite::Message};

#[tokio::main]
async fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:8765").await?;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                tokio::spawn(async move {
                    if let Err(error) = speak(stream).await {
                        eprintln!("{peer}: {error}");
                    }
                });
            }
            // Too many open files, for example: it passes.
            Err(error) => {
                eprintln!("cannot accept a connection: {error}");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

/// Speaks with one client until it leaves.
async fn speak(stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    // A client that connects and says nothing has ten seconds.
    let mut socket = timeout(Duration::from_secs(10), accept_async(stream)).await??;
    while let Some(message) = socket.next().await {
        if let Message::Text(text) = message? {
            // Your own answer goes here.
            socket.send(Message::text(format!("You said: {text}"))).await?;
        }
    }
    Ok(())
}
// ANCHOR_END: first_server
