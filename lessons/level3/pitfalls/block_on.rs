//! Pitfall 3: `block_on` inside the runtime.
//!
//! Symptom: a panic, "Cannot start a runtime from within a runtime". `serve` makes it close 1011.
//! Cause: `block_on` is the door from ordinary into async code. A handler is inside already, and
//! to block there would stop a worker thread and all the tasks that wait for it.
//! Cure: `.await`. If an ordinary function stands in between, make it async too.

use std::{panic, time::Duration};

use anyhow::Result;
use futures_util::SinkExt;
use tokio::{net::TcpListener, runtime::Handle, sync::oneshot, time::sleep};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{CloseWith, Handler, WebSocket, close, connect, serve};

use crate::{peers::hear, timeline::Timeline};

// ANCHOR: ways
async fn wrong(socket: &mut WebSocket) -> Result<()> {
    let answer = Handle::current().block_on(look_up());
    socket.send(Message::text(answer)).await?;
    Ok(())
}

async fn right(socket: &mut WebSocket) -> Result<()> {
    let answer = look_up().await;
    socket.send(Message::text(answer)).await?;
    Ok(())
}
// ANCHOR_END: ways

async fn look_up() -> &'static str {
    sleep(Duration::from_millis(200)).await;
    "42"
}

async fn act(title: &str, handler: impl Handler) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}", listener.local_addr()?);
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(serve(listener, handler, async { _ = stopped.await }));

    let timeline = Timeline::start(title);
    note_panics(timeline);
    let mut socket = connect(&url).await?;
    while hear(&mut socket, timeline).await.is_some() {}
    close(&mut socket, CloseWith::normal()).await;

    // Back to the default hook, which prints a panic to standard error.
    let _ = panic::take_hook();
    // Not `abort`: what the server logs of this connection belongs above the next title.
    drop(stop);
    server.await?;
    Ok(())
}

/// Has panics noted on the timeline, with their first sentence.
fn note_panics(timeline: Timeline) {
    panic::set_hook(Box::new(move |panic| {
        let text = panic.payload().downcast_ref::<&str>().unwrap_or(&"(no text)");
        let sentence = text.split_once(". ").map_or(*text, |(first, _rest)| first);
        timeline.note("server", format!("panics: {sentence}"));
    }));
}

#[tokio::main]
pub async fn run() -> Result<()> {
    act("wrong: Handle::current().block_on(look_up())", wrong).await?;
    act("right: look_up().await", right).await?;
    println!("  Why: block_on would block a thread that runs tasks, so tokio panics instead.");
    Ok(())
}
