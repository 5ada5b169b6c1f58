//! Level 5, exercise: a client that puts two answers together, and knows how each of them ended.
//!
//! It asks two questions at once, and the words of the answers come interleaved. So far they all
//! land in one text, and how the answers ended is lost.
//!
//! Your task: change `put_together` so that it returns each answer with its end, in the order of
//! the questions: `q1 completed: Hello world | q2 cut off: un`. The ends are these.
//!
//! - `completed` and `cancelled`, as its `done` says.
//! - `failed (REASON)`: a `done` with that status; or an `error` with this id, which says that there
//!   will be no answer at all.
//! - `cut off`: the connection ended first, with a close or without. That is no error of this
//!   function: what has come is returned.
//!
//! When both have had their end, it says goodbye with close code 1000. What it does not know, an
//! event of another type or with another id, it passes over: a newer server may say more. There
//! are no spaces at the end of an answer: one without a word is `q1 cancelled:`.
//!
//!     cargo run -p level5 --bin assistant_server
//!     cargo run -p level5 --bin level5_exercises_put_together     (in a second terminal)
//!     cargo test -p level5 --test exercises put_together          (the judge)
//!
//! What is due with a server that answers both, and one that vanishes. The judge also plays other
//! servers.
//!
//!          0 ms  client  {"type":"ask","id":"q1","text":"I am tired of polling"}
//!          0 ms  client  {"type":"ask","id":"q2","text":"Are you a machine?"}
//!         50 ms  server  {"type":"delta","id":"q1","seq":0,"text":"How "}
//!         60 ms  server  {"type":"delta","id":"q2","seq":0,"text":"Do "}
//!        100 ms  server  {"type":"delta","id":"q1","seq":1,"text":"long?"}
//!        110 ms  server  {"type":"delta","id":"q2","seq":1,"text":"machines "}
//!        150 ms  server  {"type":"done","id":"q1","status":"completed"}
//!        160 ms  server  {"type":"done","id":"q2","status":"failed","reason":"the model is away"}
//!        160 ms  client  close 1000
//!        200 ms  server  close 1000
//!        200 ms  client  returns "q1 completed: How long? | q2 failed (the model is away): Do machines"
//!
//!          0 ms  client  {"type":"ask","id":"q1","text":"I am tired of polling"}
//!          0 ms  client  {"type":"ask","id":"q2","text":"Are you a machine?"}
//!         50 ms  server  {"type":"delta","id":"q1","seq":0,"text":"How "}
//!         60 ms  server  {"type":"delta","id":"q2","seq":0,"text":"Do "}
//!         80 ms  server  {"type":"done","id":"q2","status":"cancelled"}
//!        100 ms  server  vanishes
//!        100 ms  client  returns "q1 cut off: How | q2 cancelled: Do"
//!
//! Hint: keep for each question a text and an `Option` of how it ended. The last thing that
//! `next_text` gives is `None` after a close, and an error when the server has vanished.
//! Start over: git restore lessons/level5/exercises/put_together.rs

use anyhow::Result;
use futures_util::SinkExt;
use level5::events::{Event, Request, message};
use websocket_streaming::{CloseWith, Failure, WebSocket, cli, close, connect, next_text};

const QUESTIONS: [(&str, &str); 2] =
    [("q1", "I am tired of polling"), ("q2", "Are you a machine?")];

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let url = cli::server_url(include_str!("put_together.rs"));
    let mut socket = connect(&url).await.map_err(cli::start_first("assistant_server -p level5"))?;
    println!("{}", put_together(&mut socket).await?.replace(" | ", "\n"));
    Ok(())
}

/// Asks both questions, and returns the answers.
pub async fn put_together(socket: &mut WebSocket) -> Result<String> {
    for (id, text) in QUESTIONS {
        socket.send(message(&Request::Ask { id: id.into(), text: text.into() })).await?;
    }
    let mut whole = String::new();
    let mut ends = 0;
    while ends < QUESTIONS.len() {
        let Some(text) = next_text(socket).await? else { break };
        match serde_json::from_str(&text)? {
            Event::Delta { text, .. } => whole += &text,
            Event::Done { .. } | Event::Error { .. } => ends += 1,
        }
    }
    close(socket, CloseWith::normal()).await;
    todo!("whose words are these, and how did each answer end? Here is all of it: {whole}")
}
