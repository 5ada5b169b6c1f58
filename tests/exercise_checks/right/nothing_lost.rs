use std::{pin::pin, time::Duration};

use anyhow::Result;
use futures_util::{SinkExt, StreamExt};
use tokio::time::{Instant, interval, sleep, sleep_until, timeout_at};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text};

right! { nothing_lost, served:
    sleeps_until_the_next_second,
    pins_one_sleep_and_resets_it,
    keeps_the_notes_in_a_list,
    waits_with_a_deadline,
    splits_the_socket,
}

const SECOND: Duration = Duration::from_secs(1);

pub async fn sleeps_until_the_next_second(socket: &mut WebSocket) -> Result<()> {
    let start = Instant::now();
    let (mut ticks, mut title) = (0, None);
    loop {
        tokio::select! {
            () = sleep_until(start + SECOND * (ticks + 1)) => {
                ticks += 1;
                socket.send(Message::text(format!("Tick {ticks}"))).await?;
            }
            text = next_text(socket) => {
                let Some(text) = text? else { break };
                match title.take() {
                    None => title = Some(text),
                    Some(title) => socket.send(Message::text(format!("{title}: {text}"))).await?,
                }
            }
        }
    }
    Ok(())
}

pub async fn pins_one_sleep_and_resets_it(socket: &mut WebSocket) -> Result<()> {
    let mut clock = pin!(sleep(SECOND));
    let (mut ticks, mut title) = (0u64, None);
    loop {
        tokio::select! {
            biased;
            () = &mut clock => {
                ticks += 1;
                let next = clock.deadline() + SECOND;
                clock.as_mut().reset(next);
                socket.send(format!("Tick {ticks}").into()).await?;
            }
            text = next_text(socket) => match (title.take(), text?) {
                (_, None) => return Ok(()),
                (None, text) => title = text,
                (Some(title), Some(text)) => {
                    socket.send(format!("{title}: {text}").into()).await?;
                }
            },
        }
    }
}

pub async fn keeps_the_notes_in_a_list(socket: &mut WebSocket) -> Result<()> {
    let mut clock = interval(SECOND);
    clock.tick().await;
    let mut ticks = 0;
    let mut halves: Vec<String> = Vec::new();
    loop {
        tokio::select! {
            _ = clock.tick() => {
                ticks += 1;
                socket.send(Message::text(format!("Tick {ticks}"))).await?;
            }
            text = next_text(socket) => match text? {
                Some(text) => halves.push(text.to_string()),
                None => return Ok(()),
            },
        }
        if halves.len() == 2 {
            socket.send(Message::text(halves.join(": "))).await?;
            halves.clear();
        }
    }
}

pub async fn waits_with_a_deadline(socket: &mut WebSocket) -> Result<()> {
    let mut next = Instant::now() + SECOND;
    let mut ticks = 0;
    let mut title = None;
    loop {
        match timeout_at(next, next_text(socket)).await {
            Err(_elapsed) => {
                ticks += 1;
                next += SECOND;
                socket.send(Message::text(format!("Tick {ticks}"))).await?;
            }
            Ok(text) => match (text?, title.take()) {
                (None, _) => return Ok(()),
                (Some(text), None) => title = Some(text),
                (Some(text), Some(title)) => {
                    socket.send(Message::text(format!("{title}: {text}"))).await?;
                }
            },
        }
    }
}

pub async fn splits_the_socket(socket: &mut WebSocket) -> Result<()> {
    let (mut sink, mut stream) = socket.split();
    let mut clock = interval(SECOND);
    clock.tick().await;
    let (mut ticks, mut title) = (0, None);
    loop {
        let message = tokio::select! {
            _ = clock.tick() => {
                ticks += 1;
                format!("Tick {ticks}")
            }
            message = stream.next() => match (message.transpose()?, title.take()) {
                (None, _) => return Ok(()),
                (Some(Message::Text(text)), None) => {
                    title = Some(text);
                    continue;
                }
                (Some(Message::Text(text)), Some(title)) => format!("{title}: {text}"),
                (Some(_), before) => {
                    title = before;
                    continue;
                }
            },
        };
        sink.send(Message::text(message)).await?;
    }
}
