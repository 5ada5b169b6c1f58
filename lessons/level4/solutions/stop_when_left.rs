//! A solution of `lessons/level4/exercises/stop_when_left.rs`: its `translate`, and imports.

use std::{collections::VecDeque, pin::pin, time::Duration};

use anyhow::Result;
use futures_util::SinkExt;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use websocket_streaming::{WebSocket, next_text};

const THOUGHT: Duration = Duration::from_millis(500);

/// A client that sends more is not read until there is room: without a limit it could fill our
/// memory. (Then it is not heard either, until a sentence is done.)
const MAX_WAITING: usize = 16;

pub async fn translate(socket: &mut WebSocket) -> Result<()> {
    let mut waiting: VecDeque<Utf8Bytes> = VecDeque::new();
    loop {
        let sentence = match waiting.pop_front() {
            Some(sentence) => sentence,
            None => match next_text(socket).await? {
                Some(sentence) => sentence,
                None => return Ok(()),
            },
        };
        for word in sentence.split_whitespace() {
            // Made once for each word. Made anew in the inner loop, it would begin to wait anew
            // with every message that comes.
            let mut thought = pin!(sleep(THOUGHT));
            loop {
                tokio::select! {
                    () = &mut thought => break,
                    // `next_text` may be dropped at any time, and nothing is lost. Sending may
                    // not, so it is below and not in here.
                    text = next_text(socket), if waiting.len() < MAX_WAITING => match text? {
                        Some(sentence) => waiting.push_back(sentence),
                        None => return Ok(()),
                    },
                }
            }
            socket.send(Message::text(format!("{} ", translate_word(word)))).await?;
        }
        socket.send(Message::text("")).await?;
    }
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
