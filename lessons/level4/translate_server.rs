//! Level 4: a real-time translator. Each word is sent as soon as it is translated.
//!
//!     cargo run --bin level4_translate_server
//!     cargo run --bin level4_translate_client     (in a second terminal)
//!
//! A text message is a sentence to translate. The answer is one message for each word, and then
//! an empty one: the end marker. The connection stays open for the next sentence.

mod dictionary;

use std::{collections::VecDeque, pin::pin, time::Duration};

use anyhow::Result;
use futures_util::{SinkExt, Stream, StreamExt, stream};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes, protocol::frame::coding::CloseCode};
use websocket_streaming::{
    CloseWith, Failure, WebSocket, at_most, cli, listen, next_text, say, serve, shutdown_signal,
};

/// How many sentences may wait for their turn. A client that sends more is read no further until
/// there is room, pings included; TCP then makes it wait: that is backpressure.
const MAX_WAITING: usize = 16;

/// The longest sentence, in bytes: 64 KiB. A longer one gets close code 1009. As many bytes may
/// wait, in how many sentences ever: so 10,000 clients cannot make us keep more than 2 GiB.
const MAX_SENTENCE: usize = 64 * 1024;

/// How long a client may take to read what fills the buffers between us.
const SEND_DEADLINE: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let address = cli::server_address(include_str!("translate_server.rs"));
    let shutdown = shutdown_signal();
    let listener = listen(&address).await?;
    serve(listener, at_most(MAX_SENTENCE, translate), shutdown).await;
    Ok(())
}

// ANCHOR: translate
/// Translates one client's sentences, in order, until it leaves.
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
        say!("Received: {sentence}");
        let mut chunks = pin!(translate_stream(&sentence));
        loop {
            // Reads while it translates: so pings are answered, a client that leaves is noticed,
            // and the next sentences are taken in.
            tokio::select! {
                chunk = chunks.next() => match chunk {
                    Some(chunk) => send(socket, chunk).await?,
                    None => break,
                },
                text = next_text(socket), if has_room(&waiting) => match text? {
                    Some(sentence) => waiting.push_back(sentence),
                    None => return Ok(()),
                },
            }
        }
        send(socket, String::new()).await?;
    }
}

/// Sends one chunk, or gives up on a client that reads nothing.
async fn send(socket: &mut WebSocket, chunk: String) -> Result<()> {
    match timeout(SEND_DEADLINE, socket.send(Message::text(chunk))).await {
        Ok(sent) => Ok(sent?),
        // 1013 is "try again later".
        Err(_elapsed) => Err(CloseWith::new(CloseCode::Again, "you read nothing").into()),
    }
}

fn has_room(waiting: &VecDeque<Utf8Bytes>) -> bool {
    let bytes: usize = waiting.iter().map(|sentence| sentence.len()).sum();
    waiting.len() < MAX_WAITING && bytes < MAX_SENTENCE
}
// ANCHOR_END: translate

// ANCHOR: translate_stream
/// The translation as a stream of words, half a second of thought before each.
fn translate_stream(sentence: &str) -> impl Stream<Item = String> {
    stream::iter(sentence.split_whitespace()).then(async |word| {
        sleep(Duration::from_millis(500)).await;
        dictionary::translate(word) + " "
    })
}
// ANCHOR_END: translate_stream
