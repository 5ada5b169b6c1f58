use anyhow::{Context, Result};
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};
use websocket_streaming::{CloseWith, WebSocket, close, next_text};

mistakes! { three_questions, client:
    asks_all_at_once => "client \"Where are you?\" came at 0 ms; due was 100 ms",
    takes_whatever_comes_for_an_answer => "\"What time is it?\" came before pong",
    returns_the_last_answer_alone => "your client returns \"noon\"",
    leaves_without_a_close => "A socket that is dropped says nothing",
    closes_without_a_code => "a Close frame without a code; due was: close 1000",
    does_not_wait_for_the_servers_goodbye => "before the other side's Close frame had come",
    returns_the_answers_of_the_header => "due was: returns \"Bob, , late\"",
    leaves_out_empty_answers => "your client returns \"Bob, late\"",
    is_content_with_fewer_answers => "your client returns \"Eve\"; due was: returns an error",
    is_content_when_the_server_vanishes => "your client returns \"\"; due was: returns an error",
}

const QUESTIONS: [&str; 3] = ["What is your name?", "Where are you?", "What time is it?"];

pub async fn asks_all_at_once(socket: &mut WebSocket) -> Result<String> {
    for question in QUESTIONS {
        socket.send(Message::text(question)).await?;
    }
    let mut answers = Vec::new();
    for _ in QUESTIONS {
        let answer = next_text(socket).await?.context("the server left")?;
        answers.push(answer.to_string());
    }
    close(socket, CloseWith::normal()).await;
    Ok(answers.join(", "))
}

pub async fn takes_whatever_comes_for_an_answer(socket: &mut WebSocket) -> Result<String> {
    let mut answers = Vec::new();
    for question in QUESTIONS {
        socket.send(Message::text(question)).await?;
        let answer = socket.next().await.context("the server left")??;
        answers.push(answer.into_text()?.to_string());
    }
    close(socket, CloseWith::normal()).await;
    Ok(answers.join(", "))
}

/// The three questions and their answers, as they should be.
async fn answers(socket: &mut WebSocket) -> Result<Vec<String>> {
    let mut answers = Vec::new();
    for question in QUESTIONS {
        socket.send(Message::text(question)).await?;
        let answer = next_text(socket).await?.context("the server left")?;
        answers.push(answer.to_string());
    }
    Ok(answers)
}

pub async fn returns_the_last_answer_alone(socket: &mut WebSocket) -> Result<String> {
    let mut answers = answers(socket).await?;
    close(socket, CloseWith::normal()).await;
    Ok(answers.pop().unwrap_or_default())
}

pub async fn leaves_without_a_close(socket: &mut WebSocket) -> Result<String> {
    Ok(answers(socket).await?.join(", "))
}

pub async fn closes_without_a_code(socket: &mut WebSocket) -> Result<String> {
    let answers = answers(socket).await?;
    socket.close(None).await?;
    while let Some(message) = socket.next().await {
        message?;
    }
    Ok(answers.join(", "))
}

pub async fn does_not_wait_for_the_servers_goodbye(socket: &mut WebSocket) -> Result<String> {
    let answers = answers(socket).await?;
    let normal = CloseFrame { code: CloseCode::Normal, reason: "".into() };
    socket.close(Some(normal)).await?;
    Ok(answers.join(", "))
}

/// It knows the header by heart, and hears only when, not what, the server says.
pub async fn returns_the_answers_of_the_header(socket: &mut WebSocket) -> Result<String> {
    answers(socket).await?;
    close(socket, CloseWith::normal()).await;
    Ok("Ada, in London, noon".into())
}

pub async fn leaves_out_empty_answers(socket: &mut WebSocket) -> Result<String> {
    let mut answers = answers(socket).await?;
    answers.retain(|answer| !answer.is_empty());
    close(socket, CloseWith::normal()).await;
    Ok(answers.join(", "))
}

pub async fn is_content_with_fewer_answers(socket: &mut WebSocket) -> Result<String> {
    let mut answers = Vec::new();
    for question in QUESTIONS {
        socket.send(Message::text(question)).await?;
        let Some(answer) = next_text(socket).await? else { break };
        answers.push(answer.to_string());
    }
    close(socket, CloseWith::normal()).await;
    Ok(answers.join(", "))
}

/// `while let Some(Ok(…))` ends in the same way for a close and for an error.
pub async fn is_content_when_the_server_vanishes(socket: &mut WebSocket) -> Result<String> {
    let mut answers = Vec::new();
    let mut questions = QUESTIONS.into_iter();
    socket.send(Message::text(questions.next().unwrap_or_default())).await?;
    while let Some(Ok(message)) = socket.next().await {
        match message {
            Message::Text(answer) => {
                answers.push(answer.to_string());
                match questions.next() {
                    Some(question) => socket.send(Message::text(question)).await?,
                    None => close(socket, CloseWith::normal()).await,
                }
            }
            Message::Close(_) => {
                while let Some(Ok(_)) = socket.next().await {}
                anyhow::bail!("the server left");
            }
            _ => {}
        }
    }
    Ok(answers.join(", "))
}
