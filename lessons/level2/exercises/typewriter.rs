//! Level 2, exercise: a typewriter that streams a poem, character by character.
//!
//! Your task: change `type_poem`. It sends the first character at once, and then one every
//! 200 ms. 200 ms after the last one it is done, and `serve` closes the connection. While it waits
//! it hears its client: a ping is answered at once, a client that leaves ends it at once, and
//! whatever else a client says changes nothing.
//!
//!     cargo run --bin level2_exercises_typewriter
//!     cargo run --bin level2_stream_client           (in a second terminal)
//!     cargo test --test exercises typewriter         (the judge)
//!
//! What is due with a client that stays, and with one that vanishes. The judge also plays other
//! clients.
//!
//!         0 ms  server  "春"
//!       200 ms  server  "眠"
//!       400 ms  server  "不"
//!       500 ms  client  ping "alive?"
//!       500 ms  server  pong "alive?"
//!       600 ms  server  "觉"
//!       800 ms  server  "晓"
//!      1000 ms  server  "，"
//!      1200 ms  server  "处"
//!      1400 ms  server  "处"
//!      1600 ms  server  "闻"
//!      1800 ms  server  "啼"
//!      2000 ms  server  "鸟"
//!      2200 ms  server  "。"
//!      2400 ms  server  close 1000
//!
//!         0 ms  server  "春"
//!       200 ms  server  "眠"
//!       400 ms  server  "不"
//!       500 ms  client  vanishes
//!
//! Hint: in UTF-8 each of these characters is three bytes. Rust's `str` knows how to take a text
//! apart into characters, and `to_string` makes a text of one.
//! Start over: git restore lessons/level2/exercises/typewriter.rs

use std::time::Duration;

use anyhow::Result;
use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{Failure, WebSocket, cli, listen, pause, serve, shutdown_signal};

const POEM: &str = "春眠不觉晓，处处闻啼鸟。";
const BEAT: Duration = Duration::from_millis(200);

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let address = cli::server_address(include_str!("typewriter.rs"));
    let shutdown = shutdown_signal();
    let listener = listen(&address).await?;
    serve(listener, type_poem, shutdown).await;
    Ok(())
}

/// Types the poem for one client.
pub async fn type_poem(socket: &mut WebSocket) -> Result<()> {
    socket.send(Message::text(POEM)).await?;
    pause(socket, BEAT).await?;
    todo!("send character by character, and put Ok(()) in place of this line")
}
