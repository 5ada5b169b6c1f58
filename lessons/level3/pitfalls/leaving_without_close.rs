//! Pitfall 5: leaving without a close.
//!
//! Symptom: the peer reports "Connection reset without closing handshake".
//! Cause: a dropped socket ends the TCP connection and sends no Close frame. To the peer that is
//! the same as a crash or a lost network: it cannot know whether it has heard everything.
//! Cure: the closing handshake. A Close frame, then read until the peer's has come.

use anyhow::Result;
use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{CloseWith, WebSocket, close};

use crate::{
    peers::{connected, hear},
    timeline::Timeline,
};

// ANCHOR: ways
async fn wrong(mut socket: WebSocket, timeline: Timeline) -> Result<()> {
    socket.send(Message::text("the last word")).await?;
    timeline.note("server", "drops its socket");
    drop(socket);
    Ok(())
}

async fn right(mut socket: WebSocket, timeline: Timeline) -> Result<()> {
    socket.send(Message::text("the last word")).await?;
    timeline.note("server", "closes its socket");
    close(&mut socket, CloseWith::normal()).await;
    Ok(())
}
// ANCHOR_END: ways

async fn client(mut socket: WebSocket, timeline: Timeline) -> Result<()> {
    while hear(&mut socket, timeline).await.is_some() {}
    close(&mut socket, CloseWith::normal()).await;
    Ok(())
}

#[tokio::main]
pub async fn run() -> Result<()> {
    let (near, far) = connected().await?;
    let timeline = Timeline::start("wrong: drop(socket)");
    tokio::try_join!(wrong(near, timeline), client(far, timeline))?;

    let (near, far) = connected().await?;
    let timeline = Timeline::start("right: close(&mut socket, CloseWith::normal()).await");
    tokio::try_join!(right(near, timeline), client(far, timeline))?;

    println!("  Why: a drop sends no Close frame, and the peer cannot tell it from a crash.");
    Ok(())
}
