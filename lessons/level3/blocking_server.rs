//! Level 3: the wrong way. A blocking call in a handler makes every other client wait.
//!
//!     cargo run --bin level3_blocking_server
//!
//! Then connect three clients at once, and let each send a message: the console in the book does
//! it. The right way: level3_async_server. Both beside each other, without a console:
//!
//!     cargo run --bin level3_pitfalls blocking-call

use std::{thread, time::Duration};

use anyhow::Result;
use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{Failure, WebSocket, cli, listen, next_text, serve, shutdown_signal};

// One thread for all clients, so that you see it every time. With a thread for each processor it is
// chance from the second client on, and certain when there are more clients than threads.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let address = cli::server_address(include_str!("blocking_server.rs"));
    let shutdown = shutdown_signal();
    let listener = listen(&address).await?;
    serve(listener, work, shutdown).await;
    Ok(())
}

/// Answers each message after half a second of work.
pub async fn work(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        // The mistake: this does not give the thread back. Nobody else is served meanwhile.
        thread::sleep(Duration::from_millis(500));
        socket.send(Message::text(format!("Done: {text}"))).await?;
    }
    Ok(())
}
