//! What most people write first: a broadcast channel, and a `send` for each line.

use std::{future, thread};

use anyhow::Result;
use futures_util::SinkExt;
use tokio::sync::broadcast;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use websocket_streaming::{Handler, WebSocket, listen, next_text, serve};

use crate::input::each_burst;

/// How many lines a reader may be behind.
const CAPACITY: usize = 16 * 1024;

struct SendEach(broadcast::Sender<Utf8Bytes>);

impl Handler for SendEach {
    async fn handle(&self, socket: &mut WebSocket) -> Result<()> {
        let mut lines = self.0.subscribe();
        next_text(socket).await?;
        socket.send(Message::text("{}")).await?;
        loop {
            tokio::select! {
                line = lines.recv() => socket.send(Message::Text(line?)).await?,
                text = next_text(socket) => if text?.is_none() {
                    return Ok(());
                },
            }
        }
    }
}

/// Serves until standard input ends.
pub fn serve_until_the_end() -> Result<()> {
    let (lines, _) = broadcast::channel(CAPACITY);
    let to_all = lines.clone();
    let runtime = tokio::runtime::Runtime::new()?;
    let listener = runtime.block_on(listen("127.0.0.1:0"))?;
    thread::spawn(move || runtime.block_on(serve(listener, SendEach(to_all), future::pending())));
    each_burst(|events| {
        for event in events {
            // An error says that nobody is here.
            let _ = lines.send(event.as_str().into());
        }
    })
}
