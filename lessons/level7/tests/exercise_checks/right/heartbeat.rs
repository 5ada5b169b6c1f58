use std::time::Duration;

use anyhow::Result;
use futures_util::{SinkExt, StreamExt};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout, timeout_at};
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};
use websocket_streaming::{CloseWith, WebSocket};

right! { heartbeat, served:
    counts_what_it_hears,
    remembers_when_it_has_heard,
    looks_back_by_its_own_clock,
}

const PULSE: Duration = Duration::from_secs(20);

fn gone() -> anyhow::Error {
    CloseWith::new(CloseCode::Again, "").into()
}

async fn send(socket: &mut WebSocket, message: Message) -> Result<()> {
    Ok(timeout(PULSE, socket.send(message)).await.map_err(|_elapsed| gone())??)
}

pub async fn counts_what_it_hears(socket: &mut WebSocket) -> Result<()> {
    let mut ticks = interval_at(Instant::now() + PULSE, PULSE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut heard, mut before) = (1, 0);
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                if heard == before {
                    return Err(gone());
                }
                before = heard;
                send(socket, Message::Ping(Vec::new().into())).await?;
            }
            message = socket.next() => match message.transpose()? {
                None => return Ok(()),
                Some(message) => {
                    heard += 1;
                    if message.is_text() {
                        send(socket, message).await?;
                    }
                }
            }
        }
    }
}

pub async fn remembers_when_it_has_heard(socket: &mut WebSocket) -> Result<()> {
    let mut last = Instant::now();
    let mut tick = Instant::now() + PULSE;
    loop {
        tokio::select! {
            message = socket.next() => match message.transpose()? {
                None => return Ok(()),
                Some(message) => {
                    last = Instant::now();
                    if message.is_text() {
                        send(socket, message).await?;
                    }
                }
            },
            () = sleep_until(tick) => {
                if last + PULSE < Instant::now() - Duration::from_millis(10) {
                    return Err(gone());
                }
                tick += PULSE;
                send(socket, Message::Ping("".into())).await?;
            }
        }
    }
}

/// Without a `select!`: reading has a deadline, which does not move.
pub async fn looks_back_by_its_own_clock(socket: &mut WebSocket) -> Result<()> {
    let mut tick = Instant::now() + PULSE;
    let mut heard = true;
    loop {
        match timeout_at(tick, socket.next()).await {
            Ok(None) => return Ok(()),
            Ok(Some(message)) => {
                heard = true;
                if let Message::Text(text) = message? {
                    send(socket, Message::Text(text)).await?;
                }
            }
            Err(_elapsed) if !heard => return Err(gone()),
            Err(_elapsed) => {
                heard = false;
                tick += PULSE;
                send(socket, Message::Ping("".into())).await?;
            }
        }
    }
}
