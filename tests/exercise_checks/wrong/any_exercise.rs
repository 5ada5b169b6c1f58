//! What can go wrong in any exercise.

use std::{
    future::pending,
    hint::spin_loop,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use futures_util::SinkExt;
use tokio::task::yield_now;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{CloseWith, WebSocket, close};

/// Longer than any check waits, but not until the end of all tests.
const LONG: Duration = Duration::from_secs(8);

pub async fn panics(_: &mut WebSocket) -> Result<()> {
    let _number: u32 = "one".parse().unwrap();
    Ok(())
}

pub async fn returns_an_error(_: &mut WebSocket) -> Result<()> {
    bail!("the dog ate it")
}

pub async fn spins(_: &mut WebSocket) -> Result<()> {
    let start = Instant::now();
    while start.elapsed() < LONG {
        spin_loop();
    }
    Ok(())
}

pub async fn yields_for_ever(_: &mut WebSocket) -> Result<()> {
    let start = Instant::now();
    while start.elapsed() < LONG {
        yield_now().await;
    }
    Ok(())
}

pub async fn blocks_its_thread(_: &mut WebSocket) -> Result<()> {
    thread::sleep(LONG);
    Ok(())
}

pub async fn hangs(_: &mut WebSocket) -> Result<()> {
    pending().await
}

pub async fn floods(socket: &mut WebSocket) -> Result<()> {
    loop {
        socket.send(Message::text("Welcome!")).await?;
    }
}

pub async fn closes_at_once(socket: &mut WebSocket) -> Result<()> {
    close(socket, CloseWith::normal()).await;
    Ok(())
}

pub async fn says_nothing(_: &mut WebSocket) -> Result<()> {
    Ok(())
}
