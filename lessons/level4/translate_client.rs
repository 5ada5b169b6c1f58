//! Level 4: a real-time translator. The line grows word by word, as a live preview does.
//!
//!     cargo run --bin level4_translate_server
//!     cargo run --bin level4_translate_client     (in a second terminal)
//!     cargo run --bin level4_translate_client "Good morning, my friend"
//!     cargo run --bin level4_translate_client -     (one sentence a line, from standard input)

use std::{
    io::{self, Write},
    time::Duration,
};

use anyhow::{Result, bail};
use clap::Arg;
use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncBufReadExt, BufReader, stdin},
    time::timeout,
};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use websocket_streaming::{CloseWith, Failure, WebSocket, cli, close, connect, visible};

/// Longer than any word takes. A server that is silent for so long is not coming back.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest translation, in bytes: 64 KiB. It is printed anew with each word.
const MAX_RESULT: usize = 64 * 1024;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let (sentence, url) = arguments();
    let mut socket = connect(&url).await.map_err(cli::start_first("level4_translate_server"))?;

    if sentence == "-" {
        let mut lines = BufReader::new(stdin()).lines();
        while let Some(line) = lines.next_line().await? {
            translate(&mut socket, &line).await?;
        }
    } else {
        translate(&mut socket, &sentence).await?;
    }

    close(&mut socket, CloseWith::normal()).await;
    Ok(())
}

// ANCHOR: translate
/// Sends one sentence and prints its translation as it grows.
async fn translate(socket: &mut WebSocket, sentence: &str) -> Result<()> {
    socket.send(Message::text(sentence)).await?;
    println!("Translating:");
    let mut result = String::new();
    loop {
        let chunk = next_chunk(socket).await?;
        // The end marker. Without it nobody can tell a finished translation from a lost one.
        if chunk.is_empty() {
            break;
        }
        result.push_str(&visible(&chunk));
        // A server that never comes to the end must not fill our memory.
        if result.len() > MAX_RESULT {
            println!();
            bail!("the translation is incomplete: it is longer than {MAX_RESULT} bytes");
        }
        // Back to the start of the line, and over what was there.
        print!("\r{result}");
        io::stdout().flush()?;
    }
    println!("\nTranslation complete!");
    Ok(())
}

async fn next_chunk(socket: &mut WebSocket) -> Result<Utf8Bytes> {
    let reason = match timeout(PATIENCE, chunk_or_reason(socket)).await {
        Ok(Ok(chunk)) => return Ok(chunk),
        Ok(Err(reason)) => reason,
        Err(_elapsed) => format!("the server was silent for {} s", PATIENCE.as_secs()),
    };
    println!();
    bail!("the translation is incomplete: {reason}")
}

/// Waits for the next chunk. The error says why there is none.
async fn chunk_or_reason(socket: &mut WebSocket) -> Result<Utf8Bytes, String> {
    let mut reason = "the connection was lost".to_string();
    while let Some(message) = socket.next().await {
        match message {
            Ok(Message::Text(chunk)) => return Ok(chunk),
            // It says why, for example "the server is shutting down (1001)".
            Ok(Message::Close(Some(frame))) => reason = frame.to_string(),
            Ok(_) => {}
            Err(error) => reason = error.to_string(),
        }
    }
    Err(reason)
}
// ANCHOR_END: translate

/// The sentence and the server's URL. They are told apart by what they look like.
fn arguments() -> (String, String) {
    let mut sentence = "Hello world this is a test".to_string();
    let mut url = cli::DEFAULT_URL.to_string();
    let matches = cli::command(include_str!("translate_client.rs"))
        .arg(
            Arg::new("SENTENCE")
                .help("What to translate, or - to read sentences from standard input"),
        )
        .arg(Arg::new("URL").help("The server's URL; it may stand first, or alone"))
        .get_matches();
    for name in ["SENTENCE", "URL"] {
        if let Some(argument) = matches.get_one::<String>(name) {
            let is_url = argument.contains("://") && !argument.contains(char::is_whitespace);
            *(if is_url { &mut url } else { &mut sentence }) = argument.clone();
        }
    }
    (sentence, url)
}
