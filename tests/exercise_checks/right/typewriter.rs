use anyhow::Result;
use futures_util::{
    SinkExt,
    future::{Either, select},
};
use std::{pin::pin, time::Duration};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, interval, sleep, sleep_until},
};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text, pause};

right! { typewriter, served:
    selects_an_interval,
    counts_in_seconds,
    sleeps_until,
    collects_the_characters,
    writes_from_a_channel,
}

pub const POEM: &str = "春眠不觉晓，处处闻啼鸟。";
pub const BEAT: Duration = Duration::from_millis(200);

pub async fn selects_an_interval(socket: &mut WebSocket) -> Result<()> {
    let mut beat = interval(BEAT);
    let mut characters = POEM.chars();
    loop {
        tokio::select! {
            _ = beat.tick() => match characters.next() {
                Some(character) => socket.send(Message::text(character.to_string())).await?,
                None => return Ok(()),
            },
            text = next_text(socket) => match text? {
                Some(_) => continue,
                None => break,
            },
        }
    }
    Ok(())
}

pub async fn counts_in_seconds(socket: &mut WebSocket) -> Result<()> {
    for character in POEM.chars() {
        socket.send(Message::text(character.to_string())).await?;
        pause(socket, Duration::from_secs_f32(0.2)).await?;
    }
    Ok(())
}

pub async fn sleeps_until(socket: &mut WebSocket) -> Result<()> {
    let start = Instant::now();
    for (number, character) in (1..).zip(POEM.chars()) {
        socket.send(Message::text(character.to_string())).await?;
        let mut next = pin!(sleep_until(start + BEAT * number));
        while let Either::Right((text, _)) = select(&mut next, pin!(next_text(socket))).await {
            if text?.is_none() {
                return Ok(());
            }
        }
    }
    Ok(())
}

pub async fn collects_the_characters(socket: &mut WebSocket) -> Result<()> {
    let characters: Vec<String> = POEM.chars().map(String::from).collect();
    let mut index = 0;
    while index < characters.len() {
        socket.feed(characters[index].as_str().into()).await?;
        socket.flush().await?;
        pause(socket, BEAT).await?;
        index += 1;
    }
    Ok(())
}

pub async fn writes_from_a_channel(socket: &mut WebSocket) -> Result<()> {
    let (sender, mut characters) = mpsc::channel(1);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        for character in POEM.chars() {
            if sender.send(character).await.is_err() {
                return;
            }
            sleep(BEAT).await;
        }
    });
    loop {
        tokio::select! {
            character = characters.recv() => match character {
                Some(character) => socket.send(Message::text(character.to_string())).await?,
                None => return Ok(()),
            },
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}
