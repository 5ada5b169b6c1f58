use std::pin::pin;

use anyhow::Result;
use futures_util::{SinkExt, StreamExt, stream::SelectAll};
use level5::events::{Event, Status, message};
use tokio::sync::mpsc;
use websocket_streaming::WebSocket;

use crate::right::live_preview::{done, events, next_ask, translate};

mistakes! { live_preview, served:
    is_not_changed => "due was: server {\"type\":\"done\",\"id\":\"k1\",\"status\":\"cancelled\"} at 300 ms",
    translates_all_at_once => "due was: server {\"type\":\"done\",\"id\":\"k1\",\"status\":\"cancelled\"} at 300 ms",
    says_nothing_of_the_old => "due was: server {\"type\":\"done\",\"id\":\"k1\",\"status\":\"cancelled\"} at 300 ms",
    cancels_what_is_complete => "The judge also plays others",
    calls_the_old_completed => "\"status\":\"completed\"} came, where",
    says_which_is_new_instead_of_old => "\"k2\",\"status\":\"cancelled\"} came, and before it",
    finishes_the_word_first => "came at 400 ms; due was 300 ms",
    counts_on_from_the_old => "\"seq\":1,\"text\":\"你好 \"} came, where",
    leaves_the_old_tasks_at_work => "there were still tasks at work",
    waits_for_a_pause_in_the_typing => "came at 700 ms; due was 550 ms",
    ignores_an_empty_text => "The judge also plays others",
}

pub async fn is_not_changed(socket: &mut WebSocket) -> Result<()> {
    while let Some((id, text)) = next_ask(socket).await? {
        let mut words = events(id.clone(), &text);
        while let Some(event) = words.next().await {
            socket.send(message(&event)).await?;
        }
        socket.send(message(&done(&id, Status::Completed))).await?;
    }
    Ok(())
}

/// As the assistant does, but not the preview.
pub async fn translates_all_at_once(socket: &mut WebSocket) -> Result<()> {
    let mut running = SelectAll::new();
    loop {
        tokio::select! {
            Some(event) = running.next() => socket.send(message(&event)).await?,
            ask = next_ask(socket) => {
                let Some((id, text)) = ask? else { return Ok(()) };
                let end = futures_util::stream::iter([done(&id, Status::Completed)]);
                running.push(events(id, &text).chain(end).boxed());
            }
        }
    }
}

/// What happens to the old when a new one comes.
async fn replaces(
    socket: &mut WebSocket,
    end: fn(old: &str, new: &str) -> Option<Event>,
    begins: fn(&str) -> bool,
) -> Result<()> {
    let mut next = next_ask(socket).await?;
    while let Some((id, text)) = next {
        if !begins(&text) {
            next = next_ask(socket).await?;
            continue;
        }
        let mut words = events(id.clone(), &text);
        next = loop {
            tokio::select! {
                event = words.next() => match event {
                    Some(event) => socket.send(message(&event)).await?,
                    None => {
                        socket.send(message(&done(&id, Status::Completed))).await?;
                        break next_ask(socket).await?;
                    }
                },
                ask = next_ask(socket) => {
                    let Some(newer) = ask? else { return Ok(()) };
                    if let Some(end) = end(&id, &newer.0) {
                        socket.send(message(&end)).await?;
                    }
                    break Some(newer);
                }
            }
        };
    }
    Ok(())
}

pub async fn says_nothing_of_the_old(socket: &mut WebSocket) -> Result<()> {
    replaces(socket, |_, _| None, |_| true).await
}

pub async fn calls_the_old_completed(socket: &mut WebSocket) -> Result<()> {
    replaces(socket, |old, _| Some(done(old, Status::Completed)), |_| true).await
}

pub async fn says_which_is_new_instead_of_old(socket: &mut WebSocket) -> Result<()> {
    replaces(socket, |_, new| Some(done(new, Status::Cancelled)), |_| true).await
}

pub async fn ignores_an_empty_text(socket: &mut WebSocket) -> Result<()> {
    replaces(socket, |old, _| Some(done(old, Status::Cancelled)), |text| !text.is_empty()).await
}

/// It remembers the last id, and not whether that has had its end.
pub async fn cancels_what_is_complete(socket: &mut WebSocket) -> Result<()> {
    let mut last: Option<String> = None;
    let mut next = next_ask(socket).await?;
    while let Some((id, text)) = next {
        if let Some(last) = last.replace(id.clone()) {
            socket.send(message(&done(&last, Status::Cancelled))).await?;
        }
        let mut words = events(id.clone(), &text);
        next = loop {
            tokio::select! {
                event = words.next() => match event {
                    Some(event) => socket.send(message(&event)).await?,
                    None => {
                        socket.send(message(&done(&id, Status::Completed))).await?;
                        break next_ask(socket).await?;
                    }
                },
                ask = next_ask(socket) => match ask? {
                    Some(newer) => break Some(newer),
                    None => return Ok(()),
                },
            }
        };
    }
    Ok(())
}

/// It looks for a new text only between two words.
pub async fn finishes_the_word_first(socket: &mut WebSocket) -> Result<()> {
    let mut next = next_ask(socket).await?;
    while let Some((id, text)) = next.take() {
        let mut words = events(id.clone(), &text);
        let mut status = Status::Completed;
        while let Some(event) = words.next().await {
            tokio::select! {
                biased;
                newer = next_ask(socket) => {
                    let Some(newer) = newer? else { return Ok(()) };
                    next = Some(newer);
                    status = Status::Cancelled;
                    break;
                }
                () = std::future::ready(()) => socket.send(message(&event)).await?,
            }
        }
        socket.send(message(&done(&id, status))).await?;
        if next.is_none() {
            next = next_ask(socket).await?;
        }
    }
    Ok(())
}

pub async fn counts_on_from_the_old(socket: &mut WebSocket) -> Result<()> {
    let mut seq = 0;
    let mut next = next_ask(socket).await?;
    while let Some((id, text)) = next {
        let mut words = pin!(translate(text));
        next = loop {
            tokio::select! {
                word = words.next() => match word {
                    Some(text) => {
                        let delta = Event::Delta { id: id.clone(), seq, text };
                        socket.send(message(&delta)).await?;
                        seq += 1;
                    }
                    None => {
                        socket.send(message(&done(&id, Status::Completed))).await?;
                        break next_ask(socket).await?;
                    }
                },
                ask = next_ask(socket) => {
                    let Some(newer) = ask? else { return Ok(()) };
                    socket.send(message(&done(&id, Status::Cancelled))).await?;
                    break Some(newer);
                }
            }
        };
    }
    Ok(())
}

/// What is cancelled is not heard any more, but it works on.
pub async fn leaves_the_old_tasks_at_work(socket: &mut WebSocket) -> Result<()> {
    let (_none, mut words) = mpsc::unbounded_channel::<Event>();
    let mut running: Option<String> = None;
    loop {
        tokio::select! {
            word = words.recv(), if running.is_some() => match word {
                Some(event) => socket.send(message(&event)).await?,
                None => if let Some(id) = running.take() {
                    socket.send(message(&done(&id, Status::Completed))).await?;
                },
            },
            ask = next_ask(socket) => {
                let Some((id, text)) = ask? else { return Ok(()) };
                if let Some(old) = running.replace(id.clone()) {
                    socket.send(message(&done(&old, Status::Cancelled))).await?;
                }
                let (sender, receiver) = mpsc::unbounded_channel();
                words = receiver;
                let mut events = events(id, &text);
                tokio::spawn(async move {
                    while let Some(event) = events.next().await {
                        let _ = sender.send(event);
                    }
                });
            }
        }
    }
}

/// It waits until nobody has typed for a while. A preview begins at once.
pub async fn waits_for_a_pause_in_the_typing(socket: &mut WebSocket) -> Result<()> {
    let mut next = next_ask(socket).await?;
    let mut first = true;
    while let Some((id, text)) = next {
        let mut wait =
            pin!(tokio::time::sleep(std::time::Duration::from_millis(if first { 0 } else { 150 })));
        first = false;
        let mut waited = false;
        let mut words = events(id.clone(), &text);
        next = loop {
            tokio::select! {
                () = &mut wait, if !waited => waited = true,
                event = words.next(), if waited => match event {
                    Some(event) => socket.send(message(&event)).await?,
                    None => {
                        socket.send(message(&done(&id, Status::Completed))).await?;
                        break next_ask(socket).await?;
                    }
                },
                ask = next_ask(socket) => {
                    let Some(newer) = ask? else { return Ok(()) };
                    socket.send(message(&done(&id, Status::Cancelled))).await?;
                    break Some(newer);
                }
            }
        };
    }
    Ok(())
}
