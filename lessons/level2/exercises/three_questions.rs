//! Level 2, exercise: a client that asks three questions, one after another.
//!
//! Your task: complete `ask`. It asks the next question only when the one before it is answered.
//! When all are, it says goodbye with close code 1000, waits for the server's goodbye, and returns
//! the answers with a comma and a space between them. If the server leaves before the last answer,
//! even with code 1000, it returns an error.
//!
//!     cargo run --bin level2_bidirectional_server
//!     cargo run --bin level2_exercises_three_questions     (in a second terminal)
//!     cargo test --test exercises three_questions          (the judge)
//!
//! What is due with two servers that answer, one that leaves early, and one that vanishes. The judge
//! also plays other servers.
//!
//!          0 ms  client  "What is your name?"
//!        100 ms  server  "Ada"
//!        100 ms  client  "Where are you?"
//!        250 ms  server  ping "alive?"
//!        250 ms  client  pong "alive?"
//!        400 ms  server  "in London"
//!        400 ms  client  "What time is it?"
//!        500 ms  server  "noon"
//!        500 ms  client  close 1000
//!        700 ms  server  close 1000
//!        700 ms  client  returns "Ada, in London, noon"
//!
//!          0 ms  client  "What is your name?"
//!         50 ms  server  "Bob"
//!         50 ms  client  "Where are you?"
//!        800 ms  server  ""
//!        800 ms  client  "What time is it?"
//!        900 ms  server  "late"
//!        900 ms  client  close 1000
//!       1000 ms  server  close 1000
//!       1000 ms  client  returns "Bob, , late"
//!
//!          0 ms  client  "What is your name?"
//!        300 ms  server  "Eve"
//!        300 ms  client  "Where are you?"
//!        600 ms  server  close 1000
//!        600 ms  client  close 1000
//!        600 ms  client  returns an error
//!
//!          0 ms  client  "What is your name?"
//!        200 ms  server  vanishes
//!        200 ms  client  returns an error
//!
//! Hint: `lessons/level2/bidirectional_client.rs` has a conversation like this one in its `main`.
//! A `Vec` of texts is made into one by its method `join`.
//! Start over: git restore lessons/level2/exercises/three_questions.rs

use anyhow::Result;
use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{Failure, WebSocket, cli, connect};

const QUESTIONS: [&str; 3] = ["What is your name?", "Where are you?", "What time is it?"];

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let url = cli::server_url(include_str!("three_questions.rs"));
    let mut socket =
        connect(&url).await.map_err(cli::start_first("level2_bidirectional_server"))?;
    println!("The answers: {}", ask(&mut socket).await?);
    Ok(())
}

/// Asks the three questions, says goodbye, and returns the answers.
pub async fn ask(socket: &mut WebSocket) -> Result<String> {
    for question in QUESTIONS {
        socket.send(Message::text(question)).await?;
    }
    todo!("wait for each answer, say goodbye, and put Ok(…) with the answers in place of this line")
}
