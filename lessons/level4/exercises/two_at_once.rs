//! Level 4, exercise: a translator that answers two sentences at once, and does not mix them up.
//!
//! A request is an ID and a sentence, `1 Hello world`. Each word of the answer carries the ID,
//! `1 你好`, and the ID alone ends it. So far, the second sentence waits for the first.
//!
//! Your task: change `translate` so that all translations run at the same time, two or ten, each
//! with a word every 500 ms from its own request on. Two requests may have the same ID. A client
//! that leaves ends them all: within one word, nothing works for it any more.
//!
//!     cargo run --bin level4_exercises_two_at_once
//!     cargo test --test exercises two_at_once     (the judge)
//!
//! To try it, paste this into a browser's console (F12):
//!
//!     s = new WebSocket("ws://127.0.0.1:8765");
//!     s.onmessage = (e) => console.log(e.data);
//!     s.onopen = () => { s.send("1 Hello world"); s.send("2 this is a test"); };
//!
//! What is due with a client that stays, and with one that vanishes. The judge also plays other
//! clients.
//!
//!          0 ms  client  "1 Hello world"
//!        200 ms  client  "2 this is a test"
//!        500 ms  server  "1 你好"
//!        700 ms  server  "2 这"
//!       1000 ms  server  "1 世界"
//!       1000 ms  server  "1"
//!       1200 ms  server  "2 是"
//!       1700 ms  server  "2 一个"
//!       2200 ms  server  "2 测试"
//!       2200 ms  server  "2"
//!       2600 ms  client  close 1000
//!       2600 ms  server  close 1000
//!
//!          0 ms  client  "1 Hello world"
//!        200 ms  client  "2 this is a test"
//!        500 ms  server  "1 你好"
//!        600 ms  client  vanishes
//!
//! Hint: only one place may write to the socket. Let the translations hand it their words: through
//! an `mpsc` channel, or as streams in a `futures_util::stream::SelectAll`.
//! Start over: git restore lessons/level4/exercises/two_at_once.rs

use std::time::Duration;

use anyhow::Result;
use futures_util::SinkExt;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{Failure, WebSocket, cli, listen, next_text, serve, shutdown_signal};

const THOUGHT: Duration = Duration::from_millis(500);

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let address = cli::server_address(include_str!("two_at_once.rs"));
    let shutdown = shutdown_signal();
    let listener = listen(&address).await?;
    serve(listener, translate, shutdown).await;
    Ok(())
}

/// Translates one client's sentences.
pub async fn translate(socket: &mut WebSocket) -> Result<()> {
    while let Some(request) = next_text(socket).await? {
        let (id, sentence) = request.split_once(' ').unwrap_or((&request, ""));
        for word in sentence.split_whitespace() {
            sleep(THOUGHT).await;
            socket.send(Message::text(format!("{id} {}", translate_word(word)))).await?;
        }
        socket.send(Message::text(id)).await?;
    }
    todo!("translate all requests at the same time, and put Ok(()) in place of this line")
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
