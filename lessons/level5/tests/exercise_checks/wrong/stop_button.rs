use std::pin::pin;

use anyhow::Result;
use futures_util::{SinkExt, StreamExt};
use level5::events::{Event, Request, Status, message, parse};
use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    task::JoinSet,
    time::{Duration, timeout},
};
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;
use websocket_streaming::{WebSocket, next_text};

use crate::right::stop_button::count;

mistakes! { stop_button, served:
    is_not_changed => "hears nothing meanwhile, not even a cancel",
    reads_only_between_the_answers => "\"seq\":2,\"text\":\"3 \"} came, where",
    waits_in_the_reader_for_room => "reading must not wait for writing",
    keeps_all_words_of_a_client_that_does_not_read => "The judge also plays others",
    keeps_some_more_words_than_it_may => "The judge also plays others",
    loses_what_is_not_sent_in_time => "The judge also plays others",
    says_nothing_at_a_cancel => "due was: server {\"type\":\"done\",\"id\":\"q1\",\"status\":\"cancelled\"} at 250 ms",
    says_completed_at_a_cancel => "\"completed\"} came, where",
    counts_on_for_nobody => "This is too much",
    stops_whatever_is_running => "The judge also plays others",
    has_two_ends => "The judge also plays others",
    closes_at_a_cancel => "Too early an end",
    gives_up_after_a_second_of_silence => "3,800 ms too early",
}

fn delta(id: &str, seq: usize, text: String) -> Event {
    Event::Delta { id: id.into(), seq: seq as u64, text }
}

fn done(id: &str, status: Status) -> Event {
    Event::Done { id: id.into(), status }
}

pub async fn is_not_changed(socket: &mut WebSocket) -> Result<()> {
    one_loop(socket, Status::Cancelled, |id, which| id == which).await
}

/// The answers to "stop" that are wrong in themselves, in the loop of the starter.
async fn one_loop(
    socket: &mut WebSocket,
    end: Status,
    means: fn(&str, &str) -> bool,
) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        let Ok(Request::Ask { id, text }) = parse(&text) else { continue };
        let mut words = pin!(count(&text).enumerate());
        let status = loop {
            tokio::select! {
                word = words.next() => match word {
                    Some((seq, text)) => socket.send(message(&delta(&id, seq, text))).await?,
                    None => break Status::Completed,
                },
                text = next_text(socket) => match text?.map(|text| parse(&text)) {
                    Some(Ok(Request::Cancel { id: which })) if means(&id, &which) => break end.clone(),
                    Some(_) => {}
                    None => return Ok(()),
                },
            }
        };
        socket.send(message(&done(&id, status))).await?;
    }
    Ok(())
}

pub async fn reads_only_between_the_answers(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        let Ok(Request::Ask { id, text }) = parse(&text) else { continue };
        let mut words = pin!(count(&text).enumerate());
        while let Some((seq, text)) = words.next().await {
            socket.send(message(&delta(&id, seq, text))).await?;
        }
        socket.send(message(&done(&id, Status::Completed))).await?;
    }
    Ok(())
}

pub async fn says_completed_at_a_cancel(socket: &mut WebSocket) -> Result<()> {
    one_loop(socket, Status::Completed, |id, which| id == which).await
}

pub async fn stops_whatever_is_running(socket: &mut WebSocket) -> Result<()> {
    split(socket, 16, |running, _id, _events| {
        running.1.cancel();
        true
    })
    .await
}

pub async fn says_nothing_at_a_cancel(socket: &mut WebSocket) -> Result<()> {
    let mut tasks = JoinSet::new();
    let (mut writer, mut reader) = socket.split();
    let (events, mut queue) = mpsc::channel(16);
    let read = async {
        while let Some(received) = reader.next().await {
            let Message::Text(text) = received? else { continue };
            match parse(&text) {
                Ok(Request::Ask { id, text }) => {
                    tasks.spawn(speak(id, text, CancellationToken::new(), events.clone()));
                }
                _ => tasks.abort_all(),
            }
        }
        Ok(())
    };
    let write = async {
        while let Some(event) = queue.recv().await {
            writer.send(message(&event)).await?;
        }
        Ok(())
    };
    tokio::select! { ended = read => ended, ended = write => ended }
}

/// Two loops, but the one that reads waits until its word has found a place.
pub async fn waits_in_the_reader_for_room(socket: &mut WebSocket) -> Result<()> {
    let (mut writer, mut reader) = socket.split();
    let (events, mut queue) = mpsc::channel(16);
    let read = async {
        while let Some(received) = reader.next().await {
            let Message::Text(text) = received? else { continue };
            let Ok(Request::Ask { id, text }) = parse(&text) else { continue };
            let mut words = pin!(count(&text).enumerate());
            let status = loop {
                tokio::select! {
                    word = words.next() => match word {
                        Some((seq, text)) => events.send(delta(&id, seq, text)).await?,
                        None => break Status::Completed,
                    },
                    received = reader.next() => match received.transpose()? {
                        Some(Message::Text(text)) => match parse(&text) {
                            Ok(Request::Cancel { id: which }) if which == id => break Status::Cancelled,
                            _ => {}
                        },
                        Some(_) => {}
                        None => return Ok(()),
                    },
                }
            };
            events.send(done(&id, status)).await?;
        }
        anyhow::Ok(())
    };
    let write = async {
        while let Some(event) = queue.recv().await {
            writer.send(message(&event)).await?;
        }
        Ok(())
    };
    tokio::select! { ended = read => ended, ended = write => ended }
}

pub async fn keeps_all_words_of_a_client_that_does_not_read(socket: &mut WebSocket) -> Result<()> {
    split(socket, 10_000, |running, id, _events| {
        if running.0 == id {
            running.1.cancel();
        }
        true
    })
    .await
}

/// An answer of 32 words does not fill it, and so the model makes all of them for nobody.
pub async fn keeps_some_more_words_than_it_may(socket: &mut WebSocket) -> Result<()> {
    split(socket, 48, |running, id, _events| {
        if running.0 == id {
            running.1.cancel();
        }
        true
    })
    .await
}

/// A `send` that is given up while the one before it is still under way has sent nothing.
pub async fn loses_what_is_not_sent_in_time(socket: &mut WebSocket) -> Result<()> {
    let (mut writer, mut reader) = socket.split();
    let (events, mut queue) = mpsc::channel(16);
    let write = async {
        while let Some(event) = queue.recv().await {
            if let Ok(sent) = timeout(Duration::from_secs(2), writer.send(message(&event))).await {
                sent?;
            }
        }
        Ok(())
    };
    let read = async {
        let mut answers = JoinSet::new();
        let mut running = (String::new(), CancellationToken::new());
        while let Some(received) = reader.next().await {
            let Message::Text(text) = received? else { continue };
            match parse(&text) {
                Ok(Request::Ask { id, text }) => {
                    running = (id.clone(), CancellationToken::new());
                    answers.spawn(speak(id, text, running.1.clone(), events.clone()));
                }
                Ok(Request::Cancel { id }) if id == running.0 => running.1.cancel(),
                _ => {}
            }
        }
        Ok(())
    };
    tokio::select! { ended = read => ended, ended = write => ended }
}

/// The end is said at once, but the words go on.
pub async fn counts_on_for_nobody(socket: &mut WebSocket) -> Result<()> {
    split(socket, 16, |running, id, events| {
        if running.0 == id {
            let _ = events.try_send(done(id, Status::Cancelled));
        }
        true
    })
    .await
}

/// It cancels what is complete already.
pub async fn has_two_ends(socket: &mut WebSocket) -> Result<()> {
    split(socket, 16, |running, id, events| {
        if running.0 == id {
            if running.1.is_cancelled() || events.capacity() == 0 {
                let _ = events.try_send(done(id, Status::Cancelled));
            }
            running.1.cancel();
        }
        true
    })
    .await
}

pub async fn closes_at_a_cancel(socket: &mut WebSocket) -> Result<()> {
    split(socket, 16, |_running, _id, _events| false).await
}

/// Whoever does not read is gone, it thinks. But a telephone in a tunnel is not.
pub async fn gives_up_after_a_second_of_silence(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        let Ok(Request::Ask { id, text }) = parse(&text) else { continue };
        let mut words = pin!(count(&text).enumerate());
        let status = loop {
            tokio::select! {
                word = words.next() => match word {
                    Some((seq, text)) => {
                        let delta = message(&delta(&id, seq, text));
                        timeout(Duration::from_secs(1), socket.send(delta)).await??;
                    }
                    None => break Status::Completed,
                },
                text = next_text(socket) => match text?.map(|text| parse(&text)) {
                    Some(Ok(Request::Cancel { id: which })) if which == id => break Status::Cancelled,
                    Some(_) => {}
                    None => return Ok(()),
                },
            }
        };
        socket.send(message(&done(&id, status))).await?;
    }
    Ok(())
}

/// As the solution, but `cancel` decides what happens at a cancel; `false` ends all.
async fn split(
    socket: &mut WebSocket,
    waiting: usize,
    cancel: fn(&(String, CancellationToken), &str, &Sender<Event>) -> bool,
) -> Result<()> {
    let (mut writer, mut reader) = socket.split();
    let (events, mut queue): (_, Receiver<Event>) = mpsc::channel(waiting);
    let write = async {
        while let Some(event) = queue.recv().await {
            writer.send(message(&event)).await?;
        }
        Ok(())
    };
    let read = async {
        let mut answers = JoinSet::new();
        let mut running = (String::new(), CancellationToken::new());
        while let Some(received) = reader.next().await {
            let Message::Text(text) = received? else { continue };
            match parse(&text) {
                Ok(Request::Ask { id, text }) => {
                    running = (id.clone(), CancellationToken::new());
                    answers.spawn(speak(id, text, running.1.clone(), events.clone()));
                }
                Ok(Request::Cancel { id }) if !cancel(&running, &id, &events) => break,
                _ => {}
            }
        }
        Ok(())
    };
    tokio::select! { ended = read => ended, ended = write => ended }
}

async fn speak(id: String, text: String, stop: CancellationToken, events: Sender<Event>) {
    let words = async {
        let mut words = pin!(count(&text).enumerate());
        while let Some((seq, text)) = words.next().await {
            if events.send(delta(&id, seq, text)).await.is_err() {
                break;
            }
        }
    };
    let status = tokio::select! {
        () = stop.cancelled() => Status::Cancelled,
        () = words => Status::Completed,
    };
    let _ = events.send(done(&id, status)).await;
}
