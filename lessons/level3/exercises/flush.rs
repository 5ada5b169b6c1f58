//! Level 3, repair: a stream that arrives all at once.
//!
//! It counts down, 500 ms from number to number. But the client sees nothing, and then everything.
//!
//! Your task: run it first, and watch when the numbers come. Then repair `count_down`.
//!
//!     cargo run --bin level3_exercises_flush
//!     cargo run --bin level2_stream_client     (in a second terminal)
//!     cargo test --test exercises flush        (the judge)
//!
//! What is due. The judge also plays other clients.
//!
//!          0 ms  server  "3 "
//!        500 ms  server  "2 "
//!       1000 ms  server  "1 "
//!       1500 ms  server  close 1000
//!
//! Hint: `feed` puts a message into a buffer. Who takes it out again, and when?
//! Start over: git restore lessons/level3/exercises/flush.rs

use std::time::Duration;

use anyhow::Result;
use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{Failure, WebSocket, cli, listen, pause, serve, shutdown_signal};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let address = cli::server_address(include_str!("flush.rs"));
    let shutdown = shutdown_signal();
    let listener = listen(&address).await?;
    serve(listener, count_down, shutdown).await;
    Ok(())
}

/// Counts down for one client.
pub async fn count_down(socket: &mut WebSocket) -> Result<()> {
    for number in (1..=3).rev() {
        socket.feed(Message::text(format!("{number} "))).await?;
        pause(socket, Duration::from_millis(500)).await?;
    }
    todo!("repair the loop above, and put Ok(()) in place of this line")
}
