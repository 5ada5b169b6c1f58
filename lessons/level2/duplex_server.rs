//! Level 2: full duplex. The server speaks without being asked, and answers at the same time.
//!
//!     cargo run --bin level2_duplex_server
//!     cargo run --bin level2_duplex_client     (in a second terminal)

use std::time::Duration;

use anyhow::Result;
use futures_util::SinkExt;
use tokio::time::{Instant, interval_at};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{
    Failure, WebSocket, cli, listen, next_text, say, serve, shutdown_signal,
};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let address = cli::server_address(include_str!("duplex_server.rs"));
    let shutdown = shutdown_signal();
    let listener = listen(&address).await?;
    serve(listener, tick_and_reply, shutdown).await;
    Ok(())
}

// ANCHOR: tick_and_reply
/// Ticks every second, and replies to whatever comes in between.
pub async fn tick_and_reply(socket: &mut WebSocket) -> Result<()> {
    let second = Duration::from_secs(1);
    let mut clock = interval_at(Instant::now() + second, second);
    let mut ticks = 0;
    loop {
        // Wait for both at once, and act on the one that is first. The other one loses nothing:
        // a wait for a message or a tick may be dropped and begun anew.
        tokio::select! {
            _ = clock.tick() => {
                ticks += 1;
                socket.send(Message::text(format!("Tick {ticks}"))).await?;
            }
            text = next_text(socket) => match text? {
                Some(text) => {
                    say!("Client said: {text}");
                    socket.send(Message::text(format!("Server reply: {text}"))).await?;
                }
                None => return Ok(()),
            },
        }
    }
}
// ANCHOR_END: tick_and_reply
