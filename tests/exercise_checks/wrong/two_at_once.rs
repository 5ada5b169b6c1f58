use crate::right::two_at_once::{THOUGHT, in_a_set, messages, speak, translation};
use anyhow::Result;
use futures_util::{
    SinkExt, StreamExt,
    stream::{BoxStream, SelectAll},
};
use std::{
    collections::{HashMap, VecDeque},
    thread,
    time::Duration,
};
use tokio::{
    sync::{Mutex, Semaphore, mpsc},
    task::{JoinHandle, JoinSet},
    time::{Instant, interval_at, sleep},
};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text, pause};

mistakes! { two_at_once, served:
    is_not_changed => "server \"2 这\" came at 2000 ms; due was 700 ms",
    takes_turns_by_one_clock => "The right line, but 200 ms too early.",
    loses_the_ids => "\"你好\" came, where \"1 你好\" was due",
    ends_with_an_empty_message => "\"\" came, where \"1\" was due",
    collects_all_before_it_speaks => "came at 1000 ms; due was 500 ms",
    goes_on_translating_for_nobody => "there were still tasks at work",
    takes_two_at_most => "The judge also plays others",
    loses_the_third => "The judge also plays others",
    keeps_one_request_for_each_id => "The judge also plays others",
    takes_ids_for_numbers => "The judge also plays others",
    translates_for_one_client_at_a_time => "at the same time",
    loops_over_an_empty_set => "kept its thread for 5 s",
    shares_its_ids_with_all_clients => "at the same time",
    blocks_beside_its_sleep => "`std::thread::sleep`",
    goes_on_from_one_clock => "too early",
    plays_the_header => "The judge also plays others",
}

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

/// Its tasks do not look whether anybody still receives.
pub async fn goes_on_translating_for_nobody(socket: &mut WebSocket) -> Result<()> {
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
                            let _ = sender.send(message).await;
                        }
                    });
                }
                None => return Ok(()),
            },
        }
    }
}

pub async fn takes_two_at_most(socket: &mut WebSocket) -> Result<()> {
    static TWO: Semaphore = Semaphore::const_new(2);
    let (sender, mut receiver) = mpsc::channel(16);
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            Some(message) = receiver.recv() => socket.send(Message::text(message)).await?,
            request = next_text(socket) => match request? {
                Some(request) => {
                    let sender = sender.clone();
                    tasks.spawn(async move {
                        let _permit = TWO.acquire().await;
                        speak(&request, &sender).await;
                    });
                }
                None => return Ok(()),
            },
        }
    }
}

pub async fn loses_the_third(socket: &mut WebSocket) -> Result<()> {
    in_a_set(socket, |tasks| tasks.len() < 2).await
}

pub async fn keeps_one_request_for_each_id(socket: &mut WebSocket) -> Result<()> {
    let (sender, mut receiver) = mpsc::channel(16);
    let mut running: HashMap<String, AbortOnDrop> = HashMap::new();
    loop {
        tokio::select! {
            Some(message) = receiver.recv() => socket.send(Message::text(message)).await?,
            request = next_text(socket) => match request? {
                Some(request) => {
                    let id = messages(&request).pop().unwrap_or_default();
                    let sender = sender.clone();
                    let task = tokio::spawn(async move { speak(&request, &sender).await });
                    running.insert(id, AbortOnDrop(task));
                }
                None => return Ok(()),
            },
        }
    }
}

struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub async fn shares_its_ids_with_all_clients(socket: &mut WebSocket) -> Result<()> {
    static RUNNING: std::sync::Mutex<Vec<String>> = std::sync::Mutex::new(Vec::new());
    let (sender, mut receiver) = mpsc::channel::<String>(16);
    let mut tasks = JoinSet::new();
    let mut own = Vec::new();
    let ended = loop {
        tokio::select! {
            Some(message) = receiver.recv() => socket.send(Message::text(message)).await?,
            request = next_text(socket) => match request {
                Ok(Some(request)) => {
                    let id = messages(&request).pop().unwrap_or_default();
                    let mut running = RUNNING.lock().unwrap();
                    if running.contains(&id) && !own.contains(&id) {
                        continue;
                    }
                    running.push(id.clone());
                    own.push(id);
                    let sender = sender.clone();
                    tasks.spawn(async move { speak(&request, &sender).await });
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            },
        }
    };
    RUNNING.lock().unwrap().retain(|id| !own.contains(id));
    ended
}

pub async fn takes_ids_for_numbers(socket: &mut WebSocket) -> Result<()> {
    let (sender, mut receiver) = mpsc::channel(16);
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            Some(message) = receiver.recv() => socket.send(Message::text(message)).await?,
            request = next_text(socket) => match request? {
                Some(request) => {
                    let id = messages(&request).pop().unwrap_or_default();
                    if id.parse::<u32>().is_err() {
                        continue;
                    }
                    let sender = sender.clone();
                    tasks.spawn(async move { speak(&request, &sender).await });
                }
                None => return Ok(()),
            },
        }
    }
}

pub async fn translates_for_one_client_at_a_time(socket: &mut WebSocket) -> Result<()> {
    static ONE: Mutex<()> = Mutex::const_new(());
    let _one = ONE.lock().await;
    in_a_set(socket, |_| true).await
}

/// `next` of an empty set is ready at once: `None`.
pub async fn loops_over_an_empty_set(socket: &mut WebSocket) -> Result<()> {
    let mut running: SelectAll<BoxStream<'static, String>> = SelectAll::new();
    loop {
        tokio::select! {
            biased;
            message = running.next() => if let Some(message) = message {
                socket.send(Message::text(message)).await?;
            },
            request = next_text(socket) => match request? {
                Some(request) => running.push(translation(&request)),
                None => return Ok(()),
            },
        }
    }
}

pub async fn blocks_beside_its_sleep(socket: &mut WebSocket) -> Result<()> {
    let mut running: SelectAll<BoxStream<'static, String>> = SelectAll::new();
    loop {
        tokio::select! {
            Some(message) = running.next() => {
                thread::sleep(Duration::from_millis(50));
                socket.send(Message::text(message)).await?;
            }
            request = next_text(socket) => match request? {
                Some(request) => running.push(translation(&request)),
                None => return Ok(()),
            },
        }
    }
}

/// From the first request on, all words come on one beat.
pub async fn goes_on_from_one_clock(socket: &mut WebSocket) -> Result<()> {
    let mut running: Vec<VecDeque<String>> = Vec::new();
    let mut clock = interval_at(Instant::now() + THOUGHT, THOUGHT / 5);
    loop {
        tokio::select! {
            _ = clock.tick() => {
                for messages in &mut running {
                    if let Some(message) = messages.pop_front() {
                        socket.send(Message::text(message)).await?;
                    }
                }
            }
            request = next_text(socket) => match request? {
                Some(request) => running.push(messages(&request).into()),
                None => return Ok(()),
            },
        }
    }
}

pub async fn plays_the_header(socket: &mut WebSocket) -> Result<()> {
    let lines = [
        (500, "1 你好"),
        (200, "2 这"),
        (300, "1 世界"),
        (0, "1"),
        (200, "2 是"),
        (500, "2 一个"),
        (500, "2 测试"),
        (0, "2"),
    ];
    for (ms, line) in lines {
        pause(socket, Duration::from_millis(ms)).await?;
        socket.send(Message::text(line)).await?;
    }
    while next_text(socket).await?.is_some() {}
    Ok(())
}
