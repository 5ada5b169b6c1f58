//! A solution of `lessons/level7/exercises/heartbeat.rs`: its `keep_alive` and what it stands on.

use std::{mem, time::Duration};

use anyhow::Result;
use futures_util::{SinkExt, StreamExt};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};
use websocket_streaming::{CloseWith, WebSocket};

const PULSE: Duration = Duration::from_secs(20);

pub async fn keep_alive(socket: &mut WebSocket) -> Result<()> {
    let mut ticks = interval_at(Instant::now() + PULSE, PULSE);
    // After a pause of the whole machine, the beats that it has slept through do not come at once.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = true;
    loop {
        tokio::select! {
            // And what has come meanwhile is read first.
            biased;
            // All messages, and not only texts: most clients have nothing to say but pongs.
            message = socket.next() => {
                let Some(message) = message else { return Ok(()) };
                heard = true;
                if let Message::Text(text) = message? {
                    send(socket, Message::Text(text)).await?;
                }
            }
            // Made once, before the loop: a `sleep` in here would begin anew with each message.
            _ = ticks.tick() => {
                if !mem::take(&mut heard) {
                    return Err(gone());
                }
                send(socket, Message::Ping("".into())).await?;
            }
        }
    }
}

/// Without the deadline a client that takes nothing would hold this in `send`, and with it the pings.
async fn send(socket: &mut WebSocket, message: Message) -> Result<()> {
    Ok(timeout(PULSE, socket.send(message)).await.map_err(|_elapsed| gone())??)
}

fn gone() -> anyhow::Error {
    CloseWith::new(CloseCode::Again, "nothing was heard from you").into()
}
