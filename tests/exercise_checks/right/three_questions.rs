use std::pin::pin;

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt, TryStreamExt};
use tokio_tungstenite::tungstenite::{
    Message, Utf8Bytes,
    protocol::{CloseFrame, frame::coding::CloseCode},
};
use websocket_streaming::{WebSocket, next_text};

right! { three_questions, client:
    closes_by_hand,
    goes_through_the_messages,
    splits_the_socket,
}

const QUESTIONS: [&str; 3] = ["What is your name?", "Where are you?", "What time is it?"];

fn normal() -> CloseFrame {
    CloseFrame { code: CloseCode::Normal, reason: Utf8Bytes::default() }
}

pub async fn closes_by_hand(socket: &mut WebSocket) -> Result<String> {
    let mut answers = String::new();
    for question in QUESTIONS {
        socket.feed(question.into()).await?;
        socket.flush().await?;
        let Some(answer) = next_text(socket).await? else { bail!("too few answers") };
        if question != QUESTIONS[0] {
            answers += ", ";
        }
        answers += &answer;
    }
    socket.close(Some(normal())).await?;
    while let Some(message) = socket.next().await {
        message?;
    }
    Ok(answers)
}

pub async fn goes_through_the_messages(socket: &mut WebSocket) -> Result<String> {
    let mut questions = QUESTIONS.iter();
    let first = questions.next().context("there are three")?;
    socket.send(Message::text(*first)).await?;
    let mut answers = vec![];
    let mut closed_by_us = false;
    while let Some(message) = socket.try_next().await? {
        let Message::Text(answer) = message else { continue };
        answers.push(answer);
        match questions.next() {
            Some(question) => socket.send(Message::text(*question)).await?,
            None => {
                closed_by_us = true;
                socket.send(Message::Close(Some(normal()))).await?;
            }
        }
    }
    anyhow::ensure!(closed_by_us, "the server left");
    Ok(answers.iter().map(|answer| answer.as_str()).collect::<Vec<_>>().join(", "))
}

pub async fn splits_the_socket(socket: &mut WebSocket) -> Result<String> {
    let (mut sink, stream) = socket.split();
    let texts = stream.try_filter_map(async |message| match message {
        Message::Text(text) => Ok(Some(text.to_string())),
        _ => Ok(None),
    });
    let mut texts = pin!(texts);
    let mut answers = Vec::with_capacity(3);
    for question in QUESTIONS {
        sink.send(question.into()).await?;
        answers.push(texts.try_next().await?.context("no answer")?);
    }
    sink.send(Message::Close(Some(normal()))).await?;
    while texts.try_next().await?.is_some() {}
    Ok(answers.join(", "))
}
