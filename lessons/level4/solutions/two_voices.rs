//! A solution of `lessons/level4/exercises/two_voices.rs`: `translate`, `translation`, imports.

use std::{future::ready, pin::pin, time::Duration};

use anyhow::Result;
use futures_util::{SinkExt, Stream, StreamExt, stream};
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text};

const GERMAN: Duration = Duration::from_millis(300);
const CHINESE: Duration = Duration::from_millis(500);

pub async fn translate(socket: &mut WebSocket) -> Result<()> {
    let Some(sentence) = next_text(socket).await? else { return Ok(()) };
    let german = translation(&sentence, "de", GERMAN);
    let chinese = translation(&sentence, "zh", CHINESE);
    // Ends when both have ended. It belongs to this function, so that both end with it.
    let mut messages = pin!(stream::select(german, chinese));
    loop {
        tokio::select! {
            // The only place that writes. Dropping `next` loses nothing: the timers are in the
            // streams, and those go on.
            message = messages.next() => match message {
                Some(message) => socket.send(Message::text(message)).await?,
                None => return Ok(()),
            },
            text = next_text(socket) => if text?.is_none() {
                return Ok(());
            },
        }
    }
}

/// All messages of one translation: its words, and the language alone.
fn translation(
    sentence: &str,
    language: &'static str,
    thought: Duration,
) -> impl Stream<Item = String> {
    let words = stream::iter(sentence.split_whitespace()).then(move |word| async move {
        sleep(thought).await;
        format!("{language} {}", translate_word(word, language))
    });
    words.chain(stream::once(ready(language.to_string())))
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
