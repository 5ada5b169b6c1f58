//! Level 3, repair: a handler that blocks the runtime.
//!
//! It thinks for 300 ms before each reply. But while it thinks for one client, all others wait.
//!
//! Your task: run it first, with two clients at once, and see that they take twice as long as one
//! alone. Then repair `reply`. It shall think as long as before, without a thread for it, and for
//! each client about one message after another: none is lost.
//!
//!     cargo run --bin level3_exercises_unblock
//!     cargo run --bin level2_bidirectional_client     (in two more terminals, at once)
//!     cargo test --test exercises unblock             (the judge)
//!
//! What is due. The judge also plays other clients, also at the same time.
//!
//!          0 ms  client  "Message 1"
//!        300 ms  server  "I thought about: Message 1"
//!       1000 ms  client  "Message 2"
//!       1300 ms  server  "I thought about: Message 2"
//!       2000 ms  client  close 1000
//!       2000 ms  server  close 1000
//!
//! Hint: a task lets others run at an `.await`, and only there. Look for the wait without one.
//! Start over: git restore lessons/level3/exercises/unblock.rs

use std::{thread, time::Duration};

use anyhow::Result;
use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{Failure, WebSocket, cli, listen, next_text, serve, shutdown_signal};

const THOUGHT: Duration = Duration::from_millis(300);

// One thread for all clients, so that the mistake shows with two. With N threads it shows by chance
// from the second client on, and for certain with N + 1 at once.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let address = cli::server_address(include_str!("unblock.rs"));
    let shutdown = shutdown_signal();
    let listener = listen(&address).await?;
    serve(listener, reply, shutdown).await;
    Ok(())
}

/// Thinks about each message before it replies.
pub async fn reply(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        thread::sleep(THOUGHT);
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    todo!("repair the loop above, and put Ok(()) in place of this line")
}
