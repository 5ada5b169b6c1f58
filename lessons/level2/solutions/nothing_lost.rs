//! A solution of `lessons/level2/exercises/nothing_lost.rs`: its `tick_and_return`, and imports.
//! `next_note` is gone.

use std::time::Duration;

use anyhow::Result;
use futures_util::SinkExt;
use tokio::time::{Instant, interval_at};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use websocket_streaming::{WebSocket, next_text};

const SECOND: Duration = Duration::from_secs(1);

pub async fn tick_and_return(socket: &mut WebSocket) -> Result<()> {
    // The clock knows when its next tick is due. A `sleep` in `select!` begins anew with each turn.
    let mut clock = interval_at(Instant::now() + SECOND, SECOND);
    let mut ticks = 0;
    // Out here, so that no tick can drop it. In `next_note` it was a local variable of the wait.
    let mut title: Option<Utf8Bytes> = None;
    loop {
        tokio::select! {
            _ = clock.tick() => {
                ticks += 1;
                socket.send(Message::text(format!("Tick {ticks}"))).await?;
            }
            // One message at a time: this wait holds nothing while it waits.
            text = next_text(socket) => match (text?, title.take()) {
                (Some(text), Some(title)) => {
                    socket.send(Message::text(format!("{title}: {text}"))).await?;
                }
                (Some(text), None) => title = Some(text),
                (None, _) => return Ok(()),
            },
        }
    }
}
