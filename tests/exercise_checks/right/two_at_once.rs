use anyhow::Result;
use futures_util::{
    SinkExt, StreamExt,
    stream::{self, BoxStream, FuturesUnordered, SelectAll},
};
use std::{collections::VecDeque, future::pending, time::Duration};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text};

right! { two_at_once, served:
    spawns_tasks_that_notice,
    spawns_into_a_set,
    keeps_deadlines,
    counts_in_seconds,
    merges_streams,
}

pub const THOUGHT: Duration = Duration::from_millis(500);

/// The set ends with the function, and all tasks with the set.
pub async fn spawns_into_a_set(socket: &mut WebSocket) -> Result<()> {
    in_a_set(socket, |_| true).await
}

pub async fn spawns_tasks_that_notice(socket: &mut WebSocket) -> Result<()> {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    loop {
        tokio::select! {
            Some(message) = receiver.recv() => socket.send(Message::text(message)).await?,
            request = next_text(socket) => match request? {
                Some(request) => {
                    let sender = sender.clone();
                    tokio::spawn(async move {
                        for message in messages(&request) {
                            if message.contains(' ') {
                                tokio::select! {
                                    () = sleep(THOUGHT) => {}
                                    () = sender.closed() => return,
                                }
                            }
                            if sender.send(message).is_err() {
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

pub async fn merges_streams(socket: &mut WebSocket) -> Result<()> {
    let mut running: SelectAll<BoxStream<'static, String>> = SelectAll::new();
    running.push(stream::pending().boxed());
    loop {
        tokio::select! {
            message = running.select_next_some() => socket.send(Message::text(message)).await?,
            request = next_text(socket) => match request? {
                Some(request) => running.push(translation(&request)),
                None => break Ok(()),
            },
        }
    }
}

/// No tasks and no streams: a list of what is due, and when.
pub async fn keeps_deadlines(socket: &mut WebSocket) -> Result<()> {
    let mut due: Vec<(Instant, VecDeque<String>)> = Vec::new();
    loop {
        let next = due.iter().map(|(at, _)| *at).min();
        let wait = async {
            match next {
                Some(at) => sleep_until(at).await,
                None => pending().await,
            }
        };
        tokio::select! {
            () = wait => {
                let now = Instant::now();
                for (at, messages) in &mut due {
                    if *at <= now {
                        *at += THOUGHT;
                        if let Some(message) = messages.pop_front() {
                            socket.send(Message::text(message)).await?;
                        }
                        if messages.len() == 1 {
                            let end = messages.pop_front().unwrap();
                            socket.send(Message::text(end)).await?;
                        }
                    }
                }
                due.retain(|(_, messages)| !messages.is_empty());
            }
            request = next_text(socket) => {
                let Some(request) = request? else { return Ok(()) };
                let messages: VecDeque<String> = messages(&request).into();
                if messages.len() == 1 {
                    socket.send(Message::text(&messages[0])).await?;
                } else {
                    due.push((Instant::now() + THOUGHT, messages));
                }
            }
        }
    }
}

pub async fn counts_in_seconds(socket: &mut WebSocket) -> Result<()> {
    let mut running = FuturesUnordered::new();
    loop {
        tokio::select! {
            Some(rest) = running.next() => {
                let mut rest: VecDeque<String> = rest;
                while let Some(message) = rest.pop_front() {
                    socket.send(Message::text(message)).await?;
                    if rest.len() > 1 {
                        break;
                    }
                }
                if !rest.is_empty() {
                    running.push(later(rest));
                }
            }
            request = next_text(socket) => match request? {
                Some(request) => running.push(later(messages(&request).into())),
                None => return Ok(()),
            },
        }
    }
}

pub fn messages(request: &str) -> Vec<String> {
    let (id, sentence) = request.split_once(' ').unwrap_or((request, ""));
    let mut messages: Vec<String> =
        sentence.split_whitespace().map(|word| format!("{id} {}", translate_word(word))).collect();
    messages.push(id.to_string());
    messages
}

pub async fn in_a_set(socket: &mut WebSocket, takes: fn(&JoinSet<()>) -> bool) -> Result<()> {
    let (sender, mut receiver) = mpsc::channel(16);
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            Some(message) = receiver.recv() => socket.send(Message::text(message)).await?,
            Some(_) = tasks.join_next() => {}
            request = next_text(socket) => match request? {
                Some(request) if takes(&tasks) => {
                    let sender = sender.clone();
                    tasks.spawn(async move { speak(&request, &sender).await });
                }
                Some(_) => {}
                None => return Ok(()),
            },
        }
    }
}

pub fn translation(request: &str) -> BoxStream<'static, String> {
    let words = stream::iter(messages(request)).then(|message| async move {
        if message.contains(' ') {
            sleep(THOUGHT).await;
        }
        message
    });
    words.boxed()
}

async fn later(rest: VecDeque<String>) -> VecDeque<String> {
    if rest.len() > 1 {
        sleep(Duration::from_secs_f32(0.5)).await;
    }
    rest
}

pub async fn speak(request: &str, sender: &mpsc::Sender<String>) {
    for message in messages(request) {
        if message.contains(' ') {
            sleep(THOUGHT).await;
        }
        if sender.send(message).await.is_err() {
            return;
        }
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
