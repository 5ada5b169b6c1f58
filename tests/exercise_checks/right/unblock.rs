use anyhow::Result;
use futures_util::SinkExt;
use std::{future::pending, time::Duration};
use tokio::time::{Instant, interval, sleep, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text};

right! { unblock, served:
    counts_in_seconds,
    sleeps_until,
    makes_an_interval_for_each,
    spawns_and_joins,
    uses_a_timeout,
}

pub const THOUGHT: Duration = Duration::from_millis(300);

pub async fn counts_in_seconds(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        sleep(Duration::from_secs_f32(0.3)).await;
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    Ok(())
}

pub async fn sleeps_until(socket: &mut WebSocket) -> Result<()> {
    loop {
        match next_text(socket).await? {
            Some(text) => {
                sleep_until(Instant::now() + THOUGHT).await;
                let reply = "I thought about: ".to_string() + text.as_str();
                socket.send(reply.into()).await?;
            }
            None => break Ok(()),
        }
    }
}

pub async fn makes_an_interval_for_each(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        let mut interval = interval(THOUGHT);
        interval.tick().await;
        interval.tick().await;
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    Ok(())
}

pub async fn spawns_and_joins(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        let thought = tokio::spawn(async move {
            sleep(THOUGHT).await;
            format!("I thought about: {text}")
        });
        socket.send(Message::text(thought.await?)).await?;
    }
    Ok(())
}

pub async fn uses_a_timeout(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        let _elapsed = timeout(THOUGHT, pending::<()>()).await;
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    Ok(())
}
