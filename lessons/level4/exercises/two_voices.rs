//! Level 4, exercise: one sentence, two translations at the same time. A step to `two_at_once`.
//!
//! The German translator takes 300 ms a word, the Chinese one 500 ms. Each word carries the
//! language, `de hallo`, and the language alone ends its translation. So far, one waits for the
//! other.
//!
//! Your task: change `translate` so that both translations run at the same time. When both are
//! done, it returns. Pings are answered at once, other texts are dropped. A client that leaves
//! ends both translations.
//!
//!     cargo run --bin level4_exercises_two_voices
//!     cargo test --test exercises two_voices     (the judge)
//!
//! To try it, paste this into a browser's console (F12):
//!
//!     s = new WebSocket("ws://127.0.0.1:8765");
//!     s.onmessage = (e) => console.log(e.data);
//!     s.onopen = () => s.send("Hello world");
//!
//! What is due with a client that stays, one that closes, and one that vanishes. The judge also
//! plays other clients.
//!
//!          0 ms  client  "Hello world"
//!        300 ms  server  "de hallo"
//!        400 ms  client  ping "alive?"
//!        400 ms  server  pong "alive?"
//!        500 ms  server  "zh 你好"
//!        600 ms  server  "de Welt"
//!        600 ms  server  "de"
//!       1000 ms  server  "zh 世界"
//!       1000 ms  server  "zh"
//!       1000 ms  server  close 1000
//!
//!        100 ms  client  "this is a test"
//!        400 ms  server  "de dies"
//!        550 ms  client  "Hello"
//!        600 ms  server  "zh 这"
//!        700 ms  server  "de ist"
//!        950 ms  client  close 1000
//!        950 ms  server  close 1000
//!
//!          0 ms  client  "a test"
//!        300 ms  server  "de ein"
//!        350 ms  client  vanishes
//!
//! Hint: only one place may write to the socket. Make of each translation a stream of messages;
//! `futures_util::stream::select` makes one stream of two. (Or give each a bounded `mpsc` sender.)
//! Start over: git restore lessons/level4/exercises/two_voices.rs

use std::time::Duration;

use anyhow::Result;
use futures_util::SinkExt;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{Failure, WebSocket, cli, listen, next_text, serve, shutdown_signal};

const GERMAN: Duration = Duration::from_millis(300);
const CHINESE: Duration = Duration::from_millis(500);

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let address = cli::server_address(include_str!("two_voices.rs"));
    let shutdown = shutdown_signal();
    let listener = listen(&address).await?;
    serve(listener, translate, shutdown).await;
    Ok(())
}

/// Translates one sentence into two languages.
pub async fn translate(socket: &mut WebSocket) -> Result<()> {
    let Some(sentence) = next_text(socket).await? else { return Ok(()) };
    for (language, thought) in [("de", GERMAN), ("zh", CHINESE)] {
        for word in sentence.split_whitespace() {
            sleep(thought).await;
            let translation = translate_word(word, language);
            socket.send(Message::text(format!("{language} {translation}"))).await?;
        }
        socket.send(Message::text(language)).await?;
    }
    todo!("let both translate at the same time, and put Ok(()) in place of this line")
}

fn translate_word<'a>(word: &'a str, language: &str) -> &'a str {
    match (language, word.to_lowercase().as_str()) {
        ("de", "hello") => "hallo",
        ("de", "world") => "Welt",
        ("de", "this") => "dies",
        ("de", "is") => "ist",
        ("de", "a") => "ein",
        ("de", "test") => "Test",
        ("zh", "hello") => "你好",
        ("zh", "world") => "世界",
        ("zh", "this") => "这",
        ("zh", "is") => "是",
        ("zh", "a") => "一个",
        ("zh", "test") => "测试",
        _ => word,
    }
}
