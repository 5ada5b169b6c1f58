use std::time::Duration;

use anyhow::Result;
use futures_util::{SinkExt, Stream, StreamExt, stream, stream::BoxStream};
use level5::events::{Event, Request, Status, message, parse};
use tokio::{sync::mpsc, task::JoinHandle, time::sleep};
use websocket_streaming::{WebSocket, next_text};

right! { live_preview, served:
    keeps_what_is_running_in_an_option,
    aborts_a_task_and_drops_its_channel,
}

pub fn done(id: &str, status: Status) -> Event {
    Event::Done { id: id.into(), status }
}

pub async fn next_ask(socket: &mut WebSocket) -> Result<Option<(String, String)>> {
    while let Some(text) = next_text(socket).await? {
        if let Ok(Request::Ask { id, text }) = parse(&text) {
            return Ok(Some((id, text)));
        }
    }
    Ok(None)
}

pub async fn keeps_what_is_running_in_an_option(socket: &mut WebSocket) -> Result<()> {
    let mut running: Option<(String, BoxStream<'static, Event>)> = None;
    loop {
        let next = async {
            match &mut running {
                Some((_, events)) => events.next().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            event = next => match event {
                Some(event) => socket.send(message(&event)).await?,
                None => {
                    let (id, _) = running.take().expect("it has just ended");
                    socket.send(message(&done(&id, Status::Completed))).await?;
                }
            },
            ask = next_ask(socket) => {
                let Some((id, text)) = ask? else { return Ok(()) };
                if let Some((old, _)) = running.replace((id.clone(), events(id, &text))) {
                    socket.send(message(&done(&old, Status::Cancelled))).await?;
                }
            }
        }
    }
}

/// What the old task has said and nobody has read is dropped with its channel: so no stale word.
pub async fn aborts_a_task_and_drops_its_channel(socket: &mut WebSocket) -> Result<()> {
    let (_none, mut words) = mpsc::channel::<Event>(1);
    let mut running: Option<(String, JoinHandle<()>)> = None;
    let outcome = loop {
        tokio::select! {
            word = words.recv(), if running.is_some() => match word {
                Some(event) => socket.send(message(&event)).await?,
                None => if let Some((id, _)) = running.take() {
                    socket.send(message(&done(&id, Status::Completed))).await?;
                },
            },
            ask = next_ask(socket) => {
                let (id, text) = match ask {
                    Ok(Some(ask)) => ask,
                    Ok(None) => break Ok(()),
                    Err(error) => break Err(error),
                };
                if let Some((old, task)) = running.take() {
                    task.abort();
                    socket.send(message(&done(&old, Status::Cancelled))).await?;
                }
                let (sender, receiver) = mpsc::channel(4);
                words = receiver;
                let mut events = events(id.clone(), &text);
                let task = tokio::spawn(async move {
                    while let Some(event) = events.next().await {
                        let _ = sender.send(event).await;
                    }
                });
                running = Some((id, task));
            }
        }
    };
    if let Some((_, task)) = running {
        task.abort();
    }
    outcome
}

pub fn events(id: String, text: &str) -> BoxStream<'static, Event> {
    let words = translate(text.to_string()).enumerate();
    words.map(move |(seq, text)| Event::Delta { id: id.clone(), seq: seq as u64, text }).boxed()
}

pub fn translate(text: String) -> impl Stream<Item = String> {
    let words: Vec<String> = text.split_whitespace().map(String::from).collect();
    stream::iter(words).then(async |word| {
        sleep(Duration::from_millis(200)).await;
        let word = match word.as_str() {
            "hello" => "你好",
            "world" => "世界",
            "this" => "这",
            "is" => "是",
            "a" => "一个",
            "test" => "测试",
            _ => &word,
        };
        format!("{word} ")
    })
}
