//! A solution of `lessons/level2/exercises/three_questions.rs`: its `ask`, and imports.

use anyhow::{Context, Result};
use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{CloseWith, WebSocket, close, next_text};

const QUESTIONS: [&str; 3] = ["What is your name?", "Where are you?", "What time is it?"];

pub async fn ask(socket: &mut WebSocket) -> Result<String> {
    let mut answers = Vec::new();
    for question in QUESTIONS {
        socket.send(Message::text(question)).await?;
        // `next_text`, not `socket.next()`: a ping is no answer. The first `?` is for a server that
        // vanishes, the second for one that says goodbye: two answers are not three.
        let answer = next_text(socket).await?.context("the server left before it answered")?;
        answers.push(answer.to_string());
    }
    // Waits for the server's goodbye, too. A client that just ends looks like one that crashed.
    close(socket, CloseWith::normal()).await;
    Ok(answers.join(", "))
}
