use std::time::Duration;

use anyhow::Result;
use futures_util::{SinkExt, StreamExt};
use tokio::{
    sync::{broadcast, watch},
    task::JoinSet,
    time::{interval, sleep},
};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text};

right! { newest_only, served:
    sends_the_first_by_hand,
    splits_the_socket,
    ticks_at_an_interval,
    empties_a_broadcast_channel,
}

const PRICES: [u32; 10] = [100, 101, 103, 102, 102, 99, 101, 104, 106, 103];
const BEAT: Duration = Duration::from_millis(100);

fn prices() -> (JoinSet<()>, watch::Receiver<u32>) {
    let (sender, prices) = watch::channel(PRICES[0]);
    let mut source = JoinSet::new();
    source.spawn(async move {
        for price in PRICES.into_iter().cycle().skip(1) {
            sleep(BEAT).await;
            let _ = sender.send(price);
        }
    });
    (source, prices)
}

pub async fn sends_the_first_by_hand(socket: &mut WebSocket) -> Result<()> {
    let (_source, mut prices) = prices();
    let mut last = *prices.borrow_and_update();
    socket.send(Message::text(last.to_string())).await?;
    loop {
        tokio::select! {
            price = prices.wait_for(|price| *price != last) => last = *price?,
            text = next_text(socket) => match text? {
                Some(_) => continue,
                None => return Ok(()),
            },
        }
        socket.send(Message::text(last.to_string())).await?;
    }
}

pub async fn splits_the_socket(socket: &mut WebSocket) -> Result<()> {
    let (_source, mut prices) = prices();
    let (mut sink, mut stream) = socket.split();
    let write = async {
        let mut last = 0;
        loop {
            let price = *prices.borrow_and_update();
            if price != last {
                last = price;
                sink.send(Message::text(price.to_string())).await?;
            } else if prices.changed().await.is_err() {
                return anyhow::Ok(());
            }
        }
    };
    let read = async {
        while let Some(message) = stream.next().await {
            message?;
        }
        Ok(())
    };
    tokio::select! {
        ended = write => ended,
        ended = read => ended,
    }
}

pub async fn ticks_at_an_interval(socket: &mut WebSocket) -> Result<()> {
    let (sender, mut prices) = watch::channel(PRICES[0]);
    let mut source = JoinSet::new();
    source.spawn(async move {
        let mut beat = interval(BEAT);
        for price in PRICES.into_iter().cycle() {
            beat.tick().await;
            sender.send_replace(price);
        }
    });
    prices.mark_changed();
    let mut last = None;
    loop {
        tokio::select! {
            changed = prices.changed() => {
                changed?;
                let price = *prices.borrow_and_update();
                if last != Some(price) {
                    last = Some(price);
                    socket.send(Message::text(price.to_string())).await?;
                }
            }
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}

/// Not the channel that was asked for, but the reader sees no difference.
pub async fn empties_a_broadcast_channel(socket: &mut WebSocket) -> Result<()> {
    let (sender, mut prices) = broadcast::channel(16);
    let mut source = JoinSet::new();
    source.spawn(async move {
        for price in PRICES.into_iter().cycle() {
            let _ = sender.send(price);
            sleep(BEAT).await;
        }
    });
    let mut last = None;
    loop {
        tokio::select! {
            price = prices.recv() => {
                let mut newest = price.ok();
                while !prices.is_empty() {
                    newest = prices.try_recv().ok().or(newest);
                }
                if let Some(price) = newest.filter(|price| last != Some(*price)) {
                    last = Some(price);
                    socket.send(Message::text(price.to_string())).await?;
                }
            }
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}
