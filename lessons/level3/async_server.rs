//! Level 3: the right way. A handler that waits with `.await` lets the others go on.
//!
//!     cargo run --bin level3_async_server
//!
//! Then connect three clients at once, and let each send a message: the console in the book does
//! it. The wrong way: level3_blocking_server. Both beside each other, without a console:
//!
//!     cargo run --bin level3_pitfalls blocking-call

use std::time::Duration;

use anyhow::Result;
use futures_util::SinkExt;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{Failure, WebSocket, cli, listen, next_text, serve, shutdown_signal};

// One thread for all clients, and it is enough.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let address = cli::server_address(include_str!("async_server.rs"));
    let shutdown = shutdown_signal();
    let listener = listen(&address).await?;
    serve(listener, work, shutdown).await;
    Ok(())
}

/// Answers each message after half a second of work.
pub async fn work(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        // The thread is free for others while this one waits.
        sleep(Duration::from_millis(500)).await;
        socket.send(Message::text(format!("Done: {text}"))).await?;
    }
    Ok(())
}
