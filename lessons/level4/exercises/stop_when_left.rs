//! Level 4, exercise: a translator that stops when its client leaves.
//!
//! This one translates to the end, whoever listens. While it does, it hears nothing.
//!
//! Your task: change `translate` so that it hears its client all the time. A ping is answered at
//! once. Sentences that come meanwhile are translated afterwards, in their order. Some 16 may wait;
//! while there are more, nothing is read, so that no client can fill the memory. A client that
//! leaves, with a close or without, ends all work for it within one word.
//!
//!     cargo run --bin level4_exercises_stop_when_left
//!     cargo run --bin level4_translate_client     (in a second terminal; stop it with Ctrl-C)
//!     cargo test --test exercises stop_when_left     (the judge)
//!
//! What is due with a client that stays, one that closes, and one that vanishes. The judge also
//! plays other clients.
//!
//!          0 ms  client  "Hello world"
//!        250 ms  client  ping "alive?"
//!        250 ms  server  pong "alive?"
//!        500 ms  server  "你好 "
//!        700 ms  client  "a test"
//!       1000 ms  server  "世界 "
//!       1000 ms  server  ""
//!       1500 ms  server  "一个 "
//!       2000 ms  server  "测试 "
//!       2000 ms  server  ""
//!       2500 ms  client  close 1000
//!       2500 ms  server  close 1000
//!
//!          0 ms  client  "Hello world this is a test"
//!        500 ms  server  "你好 "
//!        700 ms  client  close 1000
//!        700 ms  server  close 1000
//!
//!          0 ms  client  "Hello world this is a test"
//!        500 ms  server  "你好 "
//!        700 ms  client  vanishes
//!
//! Hint: `tokio::select!` waits for the next word and the next message at once. Sentences that
//! have to wait can do so in a `VecDeque`.
//! Start over: git restore lessons/level4/exercises/stop_when_left.rs

use std::time::Duration;

use anyhow::Result;
use futures_util::SinkExt;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{Failure, WebSocket, cli, listen, next_text, serve, shutdown_signal};

const THOUGHT: Duration = Duration::from_millis(500);

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let address = cli::server_address(include_str!("stop_when_left.rs"));
    let shutdown = shutdown_signal();
    let listener = listen(&address).await?;
    serve(listener, translate, shutdown).await;
    Ok(())
}

/// Translates one client's sentences word by word. An empty message ends each translation.
pub async fn translate(socket: &mut WebSocket) -> Result<()> {
    while let Some(sentence) = next_text(socket).await? {
        for word in sentence.split_whitespace() {
            sleep(THOUGHT).await;
            socket.send(Message::text(format!("{} ", translate_word(word)))).await?;
        }
        socket.send(Message::text("")).await?;
    }
    todo!("listen while you translate, and put Ok(()) in place of this line")
}

fn translate_word(word: &str) -> &str {
    match word.to_lowercase().as_str() {
        "hello" => "你好",
        "world" => "世界",
        "this" => "这",
        "is" => "是",
        "a" => "一个",
        "test" => "测试",
        _ => word,
    }
}
