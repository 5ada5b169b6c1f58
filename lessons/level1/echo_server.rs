//! Level 1: the smallest WebSocket server. It sends back what it gets.
//!
//!     cargo run --bin level1_echo_server
//!     cargo run --bin level1_echo_client     (in a second terminal)

use std::{
    env,
    io::ErrorKind,
    process::exit,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use tokio::{
    net::{TcpListener, TcpStream},
    time::sleep,
};
use tokio_tungstenite::{
    accept_async,
    tungstenite::{Error, Message},
};

// ANCHOR: main
#[tokio::main]
async fn main() -> Result<(), std::io::Error> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:8765".into());
    if address == "--help" || address == "-h" {
        println!("Usage: level1_echo_server [ADDRESS]    (default: 127.0.0.1:8765)");
        return Ok(());
    }
    // A WebSocket begins its life as a TCP connection, so the server is a TCP listener.
    let listener = TcpListener::bind(&address).await.unwrap_or_else(|error| {
        let advice = match error.kind() {
            ErrorKind::AddrInUse => "is another server running there?",
            _ => "an address looks like 127.0.0.1:8765",
        };
        eprintln!("cannot listen on {address}: {error}; {advice}");
        exit(1);
    });
    println!("Listening on ws://{}", listener.local_addr()?);

    loop {
        match listener.accept().await {
            // A task for each client: while one is slow, the others are served.
            Ok((stream, _peer)) => {
                tokio::spawn(async move {
                    if let Err(error) = echo(stream).await {
                        report(error).await;
                    }
                });
            }
            // Too many open files, for example. Wait for better times instead of giving up.
            Err(error) => {
                eprintln!("cannot accept a connection: {error}");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}
// ANCHOR_END: main

// ANCHOR: echo
/// Speaks with one client until it leaves.
async fn echo(stream: TcpStream) -> Result<(), Error> {
    // The handshake: the client asks over HTTP for a WebSocket, and we agree.
    let mut socket = accept_async(stream).await?;

    while let Some(message) = socket.next().await {
        // Not every message is text: pings and closes come this way, too. Their answers are
        // prepared by now, and leave on the next turn of the loop.
        if let Message::Text(text) = message? {
            println!("Received: {text}");
            socket.send(Message::text(format!("Echo: {text}"))).await?;
        }
    }
    Ok(())
}
// ANCHOR_END: echo

/// Says why a connection broke, ten times a second at most: whoever breaks thousands of them must
/// not fill our terminal.
async fn report(error: Error) {
    static BUSY: AtomicBool = AtomicBool::new(false);
    if !BUSY.swap(true, Ordering::Relaxed) {
        eprintln!("a connection ended early: {error}");
        sleep(Duration::from_millis(100)).await;
        BUSY.store(false, Ordering::Relaxed);
    }
}
