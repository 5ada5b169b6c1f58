//! A solution of `lessons/level4/exercises/two_at_once.rs`: `translate`, `translation`, imports.

use std::time::Duration;

use anyhow::Result;
use futures_util::{
    SinkExt, StreamExt,
    stream::{self, BoxStream, SelectAll},
};
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use websocket_streaming::{WebSocket, next_text};

const THOUGHT: Duration = Duration::from_millis(500);

/// A client that asks for more at once is not read until one translation is done.
const MAX_RUNNING: usize = 16;

pub async fn translate(socket: &mut WebSocket) -> Result<()> {
    // Streams, not spawned tasks: when this function returns they are dropped, and nothing goes on
    // working for a client that has left.
    let mut running: SelectAll<BoxStream<'static, String>> = SelectAll::new();
    loop {
        tokio::select! {
            // The only place that writes. Whole messages, so nothing can be mixed up.
            Some(message) = running.next() => socket.send(Message::text(message)).await?,
            request = next_text(socket), if running.len() < MAX_RUNNING => match request? {
                Some(request) => running.push(translation(request)),
                None => return Ok(()),
            },
        }
    }
}

/// All messages of one translation: its words, and the ID alone.
fn translation(request: Utf8Bytes) -> BoxStream<'static, String> {
    // One message at a time. All at once would repeat the ID for each word: a long ID and many
    // short words, and one request would fill our memory.
    let next_message = move |n: Option<usize>| {
        let request = request.clone();
        async move {
            let n = n?;
            let (id, sentence) = request.split_once(' ').unwrap_or((&request, ""));
            let Some(word) = sentence.split_whitespace().nth(n) else {
                return Some((id.to_string(), None));
            };
            sleep(THOUGHT).await;
            Some((format!("{id} {}", translate_word(word)), Some(n + 1)))
        }
    };
    stream::unfold(Some(0), next_message).boxed()
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
