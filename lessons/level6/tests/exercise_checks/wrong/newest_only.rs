use std::time::Duration;

use anyhow::Result;
use futures_util::SinkExt;
use tokio::{
    sync::{broadcast, mpsc, watch},
    task::JoinSet,
    time::{interval, sleep},
};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text};

mistakes! { newest_only, served:
    is_not_changed => "server \"99\" at 750 ms was not due",
    holds_the_source_up => "server  \"99\"",
    gets_the_few_that_are_left => "server \"99\" at 750 ms was not due",
    forgets_the_first_price => "\"101\" came",
    reads_and_does_not_see => "server \"101\" came at 200 ms; due was 100 ms",
    repeats_what_has_not_changed => "\"102\" came once more, where \"99\" was due",
    repeats_what_has_come_back => "\"101\" came once more",
    only_looks_from_time_to_time => "\"103\" came, and before it \"101\" was due",
    takes_a_word_for_a_goodbye => "Too early an end: your server sent close 1000 at 250 ms",
    is_deaf_until_the_price_moves => "where close 1000 was due",
    works_on_for_nobody => "1,500 ms later your function had not returned",
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

/// Prices through a channel that keeps some of them.
fn queued(length: usize) -> (JoinSet<()>, mpsc::Receiver<u32>) {
    let (sender, prices) = mpsc::channel(length);
    let mut source = JoinSet::new();
    source.spawn(async move {
        let mut last = None;
        for price in PRICES.into_iter().cycle() {
            if last.replace(price) != Some(price) {
                let _ = sender.send(price).await;
            }
            sleep(BEAT).await;
        }
    });
    (source, prices)
}

async fn from_a_queue(socket: &mut WebSocket, mut prices: mpsc::Receiver<u32>) -> Result<()> {
    loop {
        tokio::select! {
            Some(price) = prices.recv() => {
                socket.send(Message::text(price.to_string())).await?;
            }
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}

pub async fn is_not_changed(socket: &mut WebSocket) -> Result<()> {
    let (_source, prices) = queued(1000);
    from_a_queue(socket, prices).await
}

/// The exchange waits for its slowest reader.
pub async fn holds_the_source_up(socket: &mut WebSocket) -> Result<()> {
    let (_source, prices) = queued(1);
    from_a_queue(socket, prices).await
}

/// A short log instead of one value: the newest comes last.
pub async fn gets_the_few_that_are_left(socket: &mut WebSocket) -> Result<()> {
    let (sender, mut prices) = broadcast::channel(4);
    let mut source = JoinSet::new();
    source.spawn(async move {
        let mut last = None;
        for price in PRICES.into_iter().cycle() {
            if last.replace(price) != Some(price) {
                let _ = sender.send(price);
            }
            sleep(BEAT).await;
        }
    });
    loop {
        tokio::select! {
            price = prices.recv() => if let Ok(price) = price {
                socket.send(Message::text(price.to_string())).await?;
            },
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}

/// `changed` waits for the next one.
pub async fn forgets_the_first_price(socket: &mut WebSocket) -> Result<()> {
    let (_source, mut prices) = prices();
    let mut last = None;
    loop {
        tokio::select! {
            changed = prices.changed() => {
                changed?;
                let price = *prices.borrow_and_update();
                if last.replace(price) != Some(price) {
                    socket.send(Message::text(price.to_string())).await?;
                }
            }
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}

/// It takes the price before it waits for room, and waits with an old one each time.
pub async fn reads_and_does_not_see(socket: &mut WebSocket) -> Result<()> {
    let (_source, mut prices) = prices();
    prices.mark_changed();
    let mut next = *prices.borrow();
    let mut last = None;
    loop {
        tokio::select! {
            changed = prices.changed() => {
                changed?;
                if last.replace(next) != Some(next) {
                    socket.send(Message::text(next.to_string())).await?;
                }
                next = *prices.borrow();
            }
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}

pub async fn repeats_what_has_not_changed(socket: &mut WebSocket) -> Result<()> {
    let (_source, mut prices) = prices();
    prices.mark_changed();
    loop {
        tokio::select! {
            changed = prices.changed() => {
                changed?;
                let price = *prices.borrow_and_update();
                socket.send(Message::text(price.to_string())).await?;
            }
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}

/// The source says only what is new. To this reader it may be old.
pub async fn repeats_what_has_come_back(socket: &mut WebSocket) -> Result<()> {
    let (sender, mut prices) = watch::channel(PRICES[0]);
    let mut source = JoinSet::new();
    source.spawn(async move {
        for price in PRICES.into_iter().cycle().skip(1) {
            sleep(BEAT).await;
            sender.send_if_modified(|last| std::mem::replace(last, price) != price);
        }
    });
    prices.mark_changed();
    loop {
        tokio::select! {
            changed = prices.changed() => {
                changed?;
                let price = *prices.borrow_and_update();
                socket.send(Message::text(price.to_string())).await?;
            }
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}

pub async fn only_looks_from_time_to_time(socket: &mut WebSocket) -> Result<()> {
    let (_source, prices) = prices();
    let mut beat = interval(Duration::from_millis(250));
    let mut last = None;
    loop {
        tokio::select! {
            _ = beat.tick() => {
                let price = *prices.borrow();
                if last.replace(price) != Some(price) {
                    socket.send(Message::text(price.to_string())).await?;
                }
            }
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}

pub async fn takes_a_word_for_a_goodbye(socket: &mut WebSocket) -> Result<()> {
    let (_source, mut prices) = prices();
    prices.mark_changed();
    let mut last = None;
    loop {
        tokio::select! {
            changed = prices.changed() => {
                changed?;
                let price = *prices.borrow_and_update();
                if last.replace(price) != Some(price) {
                    socket.send(Message::text(price.to_string())).await?;
                }
            }
            _ = next_text(socket) => return Ok(()),
        }
    }
}

pub async fn is_deaf_until_the_price_moves(socket: &mut WebSocket) -> Result<()> {
    let (_source, mut prices) = prices();
    prices.mark_changed();
    let mut last = None;
    loop {
        prices.changed().await?;
        let price = *prices.borrow_and_update();
        if last.replace(price) != Some(price) {
            socket.send(Message::text(price.to_string())).await?;
        }
    }
}

pub async fn works_on_for_nobody(socket: &mut WebSocket) -> Result<()> {
    let (_source, mut prices) = prices();
    prices.mark_changed();
    let mut last = None;
    loop {
        tokio::select! {
            _ = prices.changed() => {
                let price = *prices.borrow_and_update();
                if last.replace(price) != Some(price) {
                    drop(socket.send(Message::text(price.to_string())).await);
                }
            }
            Ok(Some(_)) = next_text(socket) => {}
        }
    }
}
