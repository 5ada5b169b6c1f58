//! Pitfall 2: a blocking call in a handler.
//!
//! Symptom: one client alone is served fast; several at once wait for each other.
//! Cause: a task leaves its worker thread only at an `.await`. `std::thread::sleep` keeps the
//! worker, and so do long computations, file access with `std::fs`, and drivers that are not async.
//! Cure: what tokio offers instead, with `.await`; `tokio::task::spawn_blocking` for the rest.

use std::{future::pending, time::Duration};

use anyhow::{Result, ensure};
use futures_util::{SinkExt, StreamExt, stream::FuturesUnordered};
use tokio::{net::TcpListener, runtime::Builder, time::timeout};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{CloseWith, Handler, WebSocket, close, connect, next_text, serve};

use crate::timeline::Timeline;

const WORK: Duration = Duration::from_millis(500);

// ANCHOR: ways
async fn wrong(socket: &mut WebSocket) -> Result<()> {
    next_text(socket).await?;
    std::thread::sleep(WORK);
    socket.send(Message::text("done")).await?;
    Ok(())
}

async fn right(socket: &mut WebSocket) -> Result<()> {
    next_text(socket).await?;
    tokio::time::sleep(WORK).await;
    socket.send(Message::text("done")).await?;
    Ok(())
}
// ANCHOR_END: ways

/// Starts a server with one worker thread, and sends it three clients from a runtime of their own.
fn act(title: &str, handler: impl Handler) -> Result<()> {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let url = format!("ws://{}", listener.local_addr()?);
    runtime.spawn(serve(listener, handler, pending()));
    three_clients(title, &url)
    // Here the runtime is dropped, and the server ends with it.
}

#[tokio::main]
async fn three_clients(title: &str, url: &str) -> Result<()> {
    let mut sockets = [connect(url).await?, connect(url).await?, connect(url).await?];
    let timeline = Timeline::start(title);
    timeline.note("clients", "all three ask at once");
    let mut answers: FuturesUnordered<_> = sockets.iter_mut().map(ask).collect();
    let mut served = 0;
    while let Some(answer) = answers.next().await {
        answer?;
        served += 1;
        timeline.note("clients", format!("{served} of 3 served"));
    }
    drop(answers);
    for socket in &mut sockets {
        close(socket, CloseWith::normal()).await;
    }
    Ok(())
}

async fn ask(socket: &mut WebSocket) -> Result<()> {
    socket.send(Message::text("please")).await?;
    let answer = timeout(Duration::from_secs(10), next_text(socket)).await??;
    ensure!(answer.is_some(), "the server left without an answer");
    Ok(())
}

pub fn run() -> Result<()> {
    act("wrong: std::thread::sleep in the handlers of a server with one worker thread", wrong)?;
    act("right: tokio::time::sleep(...).await in the same server", right)?;
    println!("  Why: a blocked handler keeps its worker: with N workers, client N+1 waits.");
    Ok(())
}
