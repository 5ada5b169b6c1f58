//! A solution of `lessons/level6/exercises/newest_only.rs`: its `quote` and `prices`, and imports.

use std::time::Duration;

use anyhow::Result;
use futures_util::SinkExt;
use tokio::{sync::watch, task::JoinSet, time::sleep};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text};

const PRICES: [u32; 10] = [100, 101, 103, 102, 102, 99, 101, 104, 106, 103];
const BEAT: Duration = Duration::from_millis(100);

pub async fn quote(socket: &mut WebSocket) -> Result<()> {
    let (_source, mut prices) = prices();
    // The price that there is, which is not new to `changed`.
    prices.mark_changed();
    // For a slow reader the price may have moved and come back, and then there is nothing to say.
    let mut last = None;
    loop {
        tokio::select! {
            changed = prices.changed() => {
                changed?;
                // A copy: what `borrow_and_update` gives locks the channel, and must not live on
                // while we wait in `send`.
                let price = *prices.borrow_and_update();
                if last.replace(price) != Some(price) {
                    socket.send(Message::text(price.to_string())).await?;
                }
            }
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}

fn prices() -> (JoinSet<()>, watch::Receiver<u32>) {
    let (sender, prices) = watch::channel(PRICES[0]);
    let mut source = JoinSet::new();
    source.spawn(async move {
        for price in PRICES.into_iter().cycle().skip(1) {
            sleep(BEAT).await;
            // Never waits: it replaces the value, whoever has seen it or not.
            if sender.send(price).is_err() {
                return;
            }
        }
    });
    (source, prices)
}
