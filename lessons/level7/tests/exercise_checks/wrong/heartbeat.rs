use std::{mem, time::Duration};

use anyhow::{Result, bail};
use futures_util::{SinkExt, StreamExt};
use tokio::time::{Instant, interval, interval_at, sleep, timeout};
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};
use websocket_streaming::{CloseWith, WebSocket, next_text};

mistakes! { heartbeat, served:
    asks_and_never_looks => "ping \"\" came once more, where close 1013 was due",
    hears_only_texts => "due was: server ping \"\" at 40000 ms",
    hears_only_pongs => "A slow client that sends a text instead of its pong",
    never_asks => "at 25000 ms; due was: server ping \"\" at 20000 ms",
    gives_five_seconds_for_the_pong => "The right line, but 15,000 ms too early",
    asks_at_once => "server ping \"\" at 0 ms was not due",
    begins_anew_with_each_message => "Too late: server ping \"\" came at 25000 ms",
    waits_in_send_for_ever => "where drops the connection was due",
    has_a_deadline_only_for_pings => "where drops the connection was due",
    ends_as_if_it_had_failed => "The wrong ending: your server sent close 1011",
    leaves_as_if_all_were_said => "The wrong ending: your server sent close 1000",
    pings_with_words => "ping \"still there?\" came, where ping \"\" was due",
    forgets_the_echo => "ping \"\" came, and before it \"Hello\" was due",
}

const PULSE: Duration = Duration::from_secs(20);

fn gone() -> anyhow::Error {
    CloseWith::new(CloseCode::Again, "nothing was heard from you").into()
}

async fn send(socket: &mut WebSocket, message: Message) -> Result<()> {
    Ok(timeout(PULSE, socket.send(message)).await.map_err(|_elapsed| gone())??)
}

fn ping() -> Message {
    Message::Ping("".into())
}

pub async fn asks_and_never_looks(socket: &mut WebSocket) -> Result<()> {
    let mut ticks = interval_at(Instant::now() + PULSE, PULSE);
    loop {
        tokio::select! {
            text = next_text(socket) => match text? {
                Some(text) => send(socket, Message::Text(text)).await?,
                None => return Ok(()),
            },
            _ = ticks.tick() => send(socket, ping()).await?,
        }
    }
}

pub async fn hears_only_texts(socket: &mut WebSocket) -> Result<()> {
    let mut ticks = interval_at(Instant::now() + PULSE, PULSE);
    let mut heard = true;
    loop {
        tokio::select! {
            text = next_text(socket) => match text? {
                Some(text) => {
                    heard = true;
                    send(socket, Message::Text(text)).await?;
                }
                None => return Ok(()),
            },
            _ = ticks.tick() => {
                if !mem::take(&mut heard) {
                    return Err(gone());
                }
                send(socket, ping()).await?;
            }
        }
    }
}

pub async fn hears_only_pongs(socket: &mut WebSocket) -> Result<()> {
    let mut ticks = interval_at(Instant::now() + PULSE, PULSE);
    let mut heard = true;
    loop {
        tokio::select! {
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) => send(socket, Message::Text(text)).await?,
                Some(message) => heard |= matches!(message?, Message::Pong(_)),
                None => return Ok(()),
            },
            _ = ticks.tick() => {
                if !mem::take(&mut heard) {
                    return Err(gone());
                }
                send(socket, ping()).await?;
            }
        }
    }
}

pub async fn never_asks(socket: &mut WebSocket) -> Result<()> {
    loop {
        match timeout(PULSE, socket.next()).await {
            Ok(Some(Ok(Message::Text(text)))) => send(socket, Message::Text(text)).await?,
            Ok(Some(message)) => drop(message?),
            Ok(None) => return Ok(()),
            Err(_elapsed) => return Err(gone()),
        }
    }
}

pub async fn gives_five_seconds_for_the_pong(socket: &mut WebSocket) -> Result<()> {
    let mut ticks = interval_at(Instant::now() + PULSE, PULSE);
    loop {
        tokio::select! {
            text = next_text(socket) => match text? {
                Some(text) => send(socket, Message::Text(text)).await?,
                None => return Ok(()),
            },
            _ = ticks.tick() => {
                send(socket, ping()).await?;
                let Ok(heard) = timeout(Duration::from_secs(5), socket.next()).await else {
                    return Err(gone());
                };
                if heard.transpose()?.is_none() {
                    return Ok(());
                }
            }
        }
    }
}

async fn with_ticks(socket: &mut WebSocket, mut ticks: tokio::time::Interval) -> Result<()> {
    let mut heard = true;
    loop {
        tokio::select! {
            message = socket.next() => {
                let Some(message) = message else { return Ok(()) };
                heard = true;
                if let Message::Text(text) = message? {
                    send(socket, Message::Text(text)).await?;
                }
            }
            _ = ticks.tick() => {
                if !mem::take(&mut heard) {
                    return Err(gone());
                }
                send(socket, ping()).await?;
            }
        }
    }
}

pub async fn asks_at_once(socket: &mut WebSocket) -> Result<()> {
    with_ticks(socket, interval(PULSE)).await
}

pub async fn begins_anew_with_each_message(socket: &mut WebSocket) -> Result<()> {
    let mut heard = true;
    loop {
        tokio::select! {
            message = socket.next() => {
                let Some(message) = message else { return Ok(()) };
                heard = true;
                if let Message::Text(text) = message? {
                    send(socket, Message::Text(text)).await?;
                }
            }
            () = sleep(PULSE) => {
                if !mem::take(&mut heard) {
                    return Err(gone());
                }
                send(socket, ping()).await?;
            }
        }
    }
}

pub async fn waits_in_send_for_ever(socket: &mut WebSocket) -> Result<()> {
    let mut ticks = interval_at(Instant::now() + PULSE, PULSE);
    let mut heard = true;
    loop {
        tokio::select! {
            message = socket.next() => {
                let Some(message) = message else { return Ok(()) };
                heard = true;
                if let Message::Text(text) = message? {
                    socket.send(Message::Text(text)).await?;
                }
            }
            _ = ticks.tick() => {
                if !mem::take(&mut heard) {
                    return Err(gone());
                }
                socket.send(ping()).await?;
            }
        }
    }
}

pub async fn has_a_deadline_only_for_pings(socket: &mut WebSocket) -> Result<()> {
    let mut ticks = interval_at(Instant::now() + PULSE, PULSE);
    let mut heard = true;
    loop {
        tokio::select! {
            message = socket.next() => {
                let Some(message) = message else { return Ok(()) };
                heard = true;
                if let Message::Text(text) = message? {
                    socket.send(Message::Text(text)).await?;
                }
            }
            _ = ticks.tick() => {
                if !mem::take(&mut heard) {
                    return Err(gone());
                }
                send(socket, ping()).await?;
            }
        }
    }
}

async fn ending(socket: &mut WebSocket, end: impl Fn() -> Result<()>) -> Result<()> {
    let mut ticks = interval_at(Instant::now() + PULSE, PULSE);
    let mut heard = true;
    loop {
        tokio::select! {
            message = socket.next() => {
                let Some(message) = message else { return Ok(()) };
                heard = true;
                if let Message::Text(text) = message? {
                    send(socket, Message::Text(text)).await?;
                }
            }
            _ = ticks.tick() => {
                if !mem::take(&mut heard) {
                    return end();
                }
                send(socket, ping()).await?;
            }
        }
    }
}

pub async fn ends_as_if_it_had_failed(socket: &mut WebSocket) -> Result<()> {
    ending(socket, || bail!("the client is gone")).await
}

pub async fn leaves_as_if_all_were_said(socket: &mut WebSocket) -> Result<()> {
    ending(socket, || Ok(())).await
}

pub async fn pings_with_words(socket: &mut WebSocket) -> Result<()> {
    let mut ticks = interval_at(Instant::now() + PULSE, PULSE);
    loop {
        tokio::select! {
            text = next_text(socket) => match text? {
                Some(text) => send(socket, Message::Text(text)).await?,
                None => return Ok(()),
            },
            _ = ticks.tick() => send(socket, Message::Ping("still there?".into())).await?,
        }
    }
}

pub async fn forgets_the_echo(socket: &mut WebSocket) -> Result<()> {
    let mut ticks = interval_at(Instant::now() + PULSE, PULSE);
    let mut heard = true;
    loop {
        tokio::select! {
            message = socket.next() => {
                let Some(message) = message else { return Ok(()) };
                message?;
                heard = true;
            }
            _ = ticks.tick() => {
                if !mem::take(&mut heard) {
                    return Err(gone());
                }
                send(socket, ping()).await?;
            }
        }
    }
}
