use std::{
    collections::HashMap,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Result;
use futures_util::{SinkExt, Stream, StreamExt, stream, stream::BoxStream};
use level5::events::{Event, Request, Status, message, parse};
use serde_json::json;
use tokio::{
    runtime::{Handle, Id},
    sync::{Semaphore, mpsc},
    task::JoinSet,
    time::sleep,
};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::WebSocket;

right! { stop_button, served:
    first_a_place_and_then_the_word,
    aborts_the_task_and_says_the_end_itself,
    writes_its_json_by_hand,
}

/// As in the exercise, but a model for each check, since several run at the same time here.
pub fn count(text: &str) -> impl Stream<Item = String> + use<> {
    static MODELS: Mutex<Option<HashMap<Id, Arc<Semaphore>>>> = Mutex::new(None);
    let mut models = MODELS.lock().unwrap_or_else(PoisonError::into_inner);
    let models = models.get_or_insert_with(HashMap::new);
    let model = models.entry(Handle::current().id()).or_insert_with(|| Semaphore::new(1).into());
    let last: u32 = text.parse().unwrap_or(0);
    stream::once(model.clone().acquire_owned()).flat_map(move |turn| {
        stream::iter(1..=last).then(move |number| {
            let _kept_until_the_end = &turn;
            async move {
                sleep(Duration::from_millis(100)).await;
                format!("{number} ")
            }
        })
    })
}

/// As the level itself does it: no task, one loop that reads, and that takes a word only when there
/// is room for it.
pub async fn first_a_place_and_then_the_word(socket: &mut WebSocket) -> Result<()> {
    let (mut writer, mut reader) = socket.split();
    let (events, mut queue) = mpsc::channel::<Event>(4);
    let write = async {
        while let Some(event) = queue.recv().await {
            writer.send(message(&event)).await?;
        }
        anyhow::Ok(())
    };
    let read = async {
        let mut running: Option<(String, BoxStream<'static, (usize, String)>)> = None;
        let mut end = None;
        loop {
            let next = async {
                let place = events.reserve().await;
                if end.is_some() {
                    return (place, None);
                }
                match &mut running {
                    Some((_, words)) => (place, words.next().await),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                (place, word) = next => {
                    let place = place?;
                    if let Some(end) = end.take() {
                        place.send(end);
                    } else if let (Some((seq, text)), Some((id, _))) = (word, &running) {
                        place.send(Event::Delta { id: id.clone(), seq: seq as u64, text });
                    } else if let Some((id, _)) = running.take() {
                        place.send(Event::Done { id, status: Status::Completed });
                    }
                }
                received = reader.next() => match received.transpose()? {
                    Some(Message::Text(text)) => match parse(&text) {
                        Ok(Request::Ask { id, text }) => {
                            running = Some((id, count(&text).enumerate().boxed()));
                        }
                        Ok(Request::Cancel { id }) if running.as_ref().is_some_and(|it| it.0 == id) => {
                            running = None;
                            end = Some(Event::Done { id, status: Status::Cancelled });
                        }
                        _ => {}
                    },
                    Some(_) => {}
                    None => return Ok(()),
                },
            }
        }
    };
    tokio::select! { ended = read => ended, ended = write => ended }
}

/// The words that were in the queue are sent before the end, and never after it.
pub async fn aborts_the_task_and_says_the_end_itself(socket: &mut WebSocket) -> Result<()> {
    let (mut writer, mut reader) = socket.split();
    let (words, mut queue) = mpsc::channel::<Event>(1);
    let (ends, mut last) = mpsc::channel::<Event>(16);
    let write = async {
        loop {
            let event = tokio::select! {
                biased;
                Some(event) = queue.recv() => event,
                Some(event) = last.recv() => event,
                else => return anyhow::Ok(()),
            };
            writer.send(message(&event)).await?;
        }
    };
    let read = async {
        let mut tasks = JoinSet::new();
        let mut running = String::new();
        loop {
            tokio::select! {
                Some(ended) = tasks.join_next() => if ended.is_ok() {
                    let id = std::mem::take(&mut running);
                    ends.try_send(Event::Done { id, status: Status::Completed })?;
                },
                received = reader.next() => match received.transpose()? {
                    Some(Message::Text(text)) => match parse(&text) {
                        Ok(Request::Ask { id, text }) => {
                            running = id.clone();
                            let words = words.clone();
                            tasks.spawn(async move {
                                let mut counted = pin!(count(&text).enumerate());
                                while let Some((seq, text)) = counted.next().await {
                                    let id = id.clone();
                                    let delta = Event::Delta { id, seq: seq as u64, text };
                                    let _ = words.send(delta).await;
                                }
                            });
                        }
                        Ok(Request::Cancel { id }) if id == running => {
                            tasks.abort_all();
                            running = String::new();
                            ends.try_send(Event::Done { id, status: Status::Cancelled })?;
                        }
                        _ => {}
                    },
                    Some(_) => {}
                    None => return Ok(()),
                },
            }
        }
    };
    tokio::select! { ended = read => ended, ended = write => ended }
}

/// The keys come in another order, which means the same.
pub async fn writes_its_json_by_hand(socket: &mut WebSocket) -> Result<()> {
    let (mut writer, mut reader) = socket.split();
    let (sender, mut queue) = mpsc::channel::<String>(16);
    let mut tasks = JoinSet::new();
    tasks.spawn(async {});
    let mut running: Option<(String, tokio_util::sync::CancellationToken)> = None;
    let write = async {
        while let Some(text) = queue.recv().await {
            writer.send(Message::text(text)).await?;
        }
        anyhow::Ok(())
    };
    let read = async {
        while let Some(received) = reader.next().await {
            let Message::Text(text) = received? else { continue };
            let request: serde_json::Value = serde_json::from_str(&text)?;
            let id = request["id"].as_str().unwrap_or_default().to_string();
            match request["text"].as_str() {
                Some(text) => {
                    let stop = tokio_util::sync::CancellationToken::new();
                    running = Some((id.clone(), stop.clone()));
                    let (text, sender) = (text.to_string(), sender.clone());
                    tasks.spawn(async move {
                        let speak = async {
                            let mut words = pin!(count(&text).enumerate());
                            while let Some((seq, text)) = words.next().await {
                                let event =
                                    json!({"seq": seq, "text": text, "id": id, "type": "delta"});
                                let _ = sender.send(event.to_string()).await;
                            }
                        };
                        let whole = stop.run_until_cancelled(speak).await.is_some();
                        let status = if whole { "completed" } else { "cancelled" };
                        let event = json!({"id": id, "status": status, "type": "done"});
                        let _ = sender.send(event.to_string()).await;
                    });
                }
                None => {
                    if let Some((_, stop)) = running.as_ref().filter(|running| running.0 == id) {
                        stop.cancel();
                    }
                }
            }
        }
        Ok(())
    };
    tokio::select! { ended = read => ended, ended = write => ended }
}
