use std::{collections::VecDeque, time::Duration};

use anyhow::Result;
use futures_util::SinkExt;
use tokio::{
    sync::mpsc,
    time::{Instant, interval_at, sleep},
};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text};

const THOUGHT: Duration = Duration::from_millis(500);

pub async fn is_not_changed(socket: &mut WebSocket) -> Result<()> {
    while let Some(request) = next_text(socket).await? {
        for message in messages(&request) {
            sleep(THOUGHT).await;
            socket.send(Message::text(message)).await?;
        }
    }
    Ok(())
}

/// One clock for all: fair, but the words of the second come on the first one's beat.
pub async fn takes_turns_by_one_clock(socket: &mut WebSocket) -> Result<()> {
    let mut running: VecDeque<VecDeque<String>> = VecDeque::new();
    let mut clock = interval_at(Instant::now() + THOUGHT, THOUGHT);
    loop {
        tokio::select! {
            _ = clock.tick() => for messages in &mut running {
                if let Some(message) = messages.pop_front() {
                    socket.send(Message::text(message)).await?;
                }
            },
            request = next_text(socket) => match request? {
                Some(request) => running.push_back(messages(&request).into()),
                None => return Ok(()),
            },
        }
    }
}

/// Each request has a task and the words come through a channel, as they should; but not the IDs.
pub async fn loses_the_ids(socket: &mut WebSocket) -> Result<()> {
    speak_for_tasks(socket, |message| match message.split_once(' ') {
        Some((_id, word)) => word.to_string(),
        None => message,
    })
    .await
}

pub async fn ends_with_an_empty_message(socket: &mut WebSocket) -> Result<()> {
    speak_for_tasks(socket, |message| match message.contains(' ') {
        true => message,
        false => String::new(),
    })
    .await
}

async fn speak_for_tasks(socket: &mut WebSocket, change: fn(String) -> String) -> Result<()> {
    let (sender, mut receiver) = mpsc::channel(16);
    loop {
        tokio::select! {
            Some(message) = receiver.recv() => socket.send(Message::text(message)).await?,
            request = next_text(socket) => match request? {
                Some(request) => {
                    let sender = sender.clone();
                    tokio::spawn(async move {
                        for message in messages(&request) {
                            if message.contains(' ') {
                                sleep(THOUGHT).await;
                            }
                            if sender.send(change(message)).await.is_err() {
                                return;
                            }
                        }
                    });
                }
                None => return Ok(()),
            },
        }
    }
}

/// Hears no new request, and no client leave, until the running ones are done.
pub async fn collects_all_before_it_speaks(socket: &mut WebSocket) -> Result<()> {
    while let Some(request) = next_text(socket).await? {
        let messages = messages(&request);
        sleep(THOUGHT * (messages.len() as u32 - 1)).await;
        for message in messages {
            socket.send(Message::text(message)).await?;
        }
    }
    Ok(())
}

fn messages(request: &str) -> Vec<String> {
    let (id, sentence) = request.split_once(' ').unwrap_or((request, ""));
    let mut messages: Vec<String> =
        sentence.split_whitespace().map(|word| format!("{id} {}", translate_word(word))).collect();
    messages.push(id.to_string());
    messages
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
