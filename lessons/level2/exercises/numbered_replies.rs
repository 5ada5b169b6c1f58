//! Level 2, exercise: a server that speaks first, and numbers its replies.
//!
//! Your task: change `reply` so that every client is welcomed before it has said a word. Then
//! number the replies, for each client from 1.
//!
//!     cargo run --bin level2_exercises_numbered_replies
//!     cargo test --test exercises numbered_replies     (the judge)
//!
//! To try it, open an empty page in a browser (`about:blank`) and paste this into its console
//! (F12). The lesson's own client expects that it speaks first.
//!
//!     s = new WebSocket("ws://127.0.0.1:8765");
//!     s.onmessage = (e) => console.log(e.data);
//!     s.onopen = () => { s.send("Hello"); s.send("How are you?"); };
//!
//! What is due for a first client, and for one that comes after it. The judge also plays other
//! clients, also at the same time.
//!
//!          0 ms  server  "Welcome!"
//!        100 ms  client  "Hello"
//!        100 ms  server  "1: Hello"
//!        200 ms  client  "How are you?"
//!        200 ms  server  "2: How are you?"
//!        300 ms  client  close 1000
//!        300 ms  server  close 1000
//!
//!          0 ms  server  "Welcome!"
//!        100 ms  client  "Good evening"
//!        100 ms  server  "1: Good evening"
//!        200 ms  client  close 1000
//!        200 ms  server  close 1000
//!
//! Hint: the handler runs once for each client, so its local variables belong to that client.
//! Start over: git restore lessons/level2/exercises/numbered_replies.rs

use anyhow::Result;
use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{Failure, WebSocket, cli, listen, next_text, serve, shutdown_signal};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let address = cli::server_address(include_str!("numbered_replies.rs"));
    let shutdown = shutdown_signal();
    let listener = listen(&address).await?;
    serve(listener, reply, shutdown).await;
    Ok(())
}

/// Replies to one client until it leaves.
pub async fn reply(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        socket.send(Message::text(text)).await?;
    }
    todo!("welcome the client, number the replies, and put Ok(()) in place of this line")
}
