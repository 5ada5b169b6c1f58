use std::{collections::VecDeque, pin::pin, time::Duration};

use anyhow::Result;
use futures_util::SinkExt;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text, pause};

const THOUGHT: Duration = Duration::from_millis(500);

pub async fn is_not_changed(socket: &mut WebSocket) -> Result<()> {
    while let Some(sentence) = next_text(socket).await? {
        for word in sentence.split_whitespace() {
            sleep(THOUGHT).await;
            socket.send(Message::text(format!("{} ", translate_word(word)))).await?;
        }
        socket.send(Message::text("")).await?;
    }
    Ok(())
}

pub async fn loses_a_sentence_that_comes_meanwhile(socket: &mut WebSocket) -> Result<()> {
    while let Some(sentence) = next_text(socket).await? {
        for word in sentence.split_whitespace() {
            pause(socket, THOUGHT).await?;
            socket.send(Message::text(format!("{} ", translate_word(word)))).await?;
        }
        socket.send(Message::text("")).await?;
    }
    Ok(())
}

pub async fn begins_to_wait_anew_with_each_message(socket: &mut WebSocket) -> Result<()> {
    let mut waiting = VecDeque::new();
    loop {
        let sentence = match waiting.pop_front() {
            Some(sentence) => sentence,
            None => match next_text(socket).await? {
                Some(sentence) => sentence,
                None => return Ok(()),
            },
        };
        for word in sentence.split_whitespace() {
            loop {
                tokio::select! {
                    () = sleep(THOUGHT) => break,
                    text = next_text(socket) => match text? {
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

/// It stops to send, but the work goes on: often that is what costs.
pub async fn works_on_for_nobody(socket: &mut WebSocket) -> Result<()> {
    let mut waiting = VecDeque::new();
    let mut left = false;
    loop {
        let sentence = match waiting.pop_front() {
            Some(sentence) => sentence,
            None if left => return Ok(()),
            None => match next_text(socket).await? {
                Some(sentence) => sentence,
                None => return Ok(()),
            },
        };
        for word in sentence.split_whitespace() {
            let mut thought = pin!(sleep(THOUGHT));
            loop {
                tokio::select! {
                    () = &mut thought => break,
                    text = next_text(socket), if !left => match text {
                        Ok(Some(sentence)) => waiting.push_back(sentence),
                        Ok(None) | Err(_) => left = true,
                    },
                }
            }
            if !left {
                socket.send(Message::text(format!("{} ", translate_word(word)))).await?;
            }
        }
        if !left {
            socket.send(Message::text("")).await?;
        }
    }
}

/// A close is noticed, an error is not.
pub async fn works_on_when_the_client_vanishes(socket: &mut WebSocket) -> Result<()> {
    let mut waiting = VecDeque::new();
    let mut lost = false;
    loop {
        let sentence = match waiting.pop_front() {
            Some(sentence) => sentence,
            None => match next_text(socket).await? {
                Some(sentence) => sentence,
                None => return Ok(()),
            },
        };
        for word in sentence.split_whitespace() {
            let mut thought = pin!(sleep(THOUGHT));
            loop {
                tokio::select! {
                    () = &mut thought => break,
                    text = next_text(socket), if !lost => match text {
                        Ok(Some(sentence)) => waiting.push_back(sentence),
                        Ok(None) => return Ok(()),
                        Err(_) => lost = true,
                    },
                }
            }
            let _ = socket.send(Message::text(format!("{} ", translate_word(word)))).await;
        }
        let _ = socket.send(Message::text("")).await;
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
