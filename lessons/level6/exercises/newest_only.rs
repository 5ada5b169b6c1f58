//! Level 6, exercise: a price that moves. A slow reader gets the newest one, and none of those
//! before it.
//!
//! Nobody needs the price of a second ago. But this server puts each price into a channel, so a
//! reader that was slow gets all of them, one after another, and the newest last.
//!
//! Your task: put a `watch` channel in place of the `mpsc`. It holds one value, the newest.
//! A reader gets the price that there is when it comes, and then each new one. One that was slow
//! gets only the newest. The same price is not sent twice in a row. Pings are answered, and a
//! reader that leaves is heard, both without waiting for a price. Texts from the reader are dropped.
//!
//!     cargo run -p level6 --bin level6_exercises_newest_only
//!     cargo test -p level6 --test exercises newest_only     (the judge)
//!
//! To try it, paste this into a browser's console (F12). A browser always reads, so it sees every
//! price. The judge's readers do stop.
//!
//!     s = new WebSocket("ws://127.0.0.1:8765");
//!     s.onmessage = (e) => console.log(e.data);
//!
//! What is due with a reader that always reads, one that stops for a while, and one that vanishes.
//! While a reader stops, nothing fits between the two but the one price that is being sent. The
//! judge also plays other readers.
//!
//!          0 ms  server  "100"
//!        100 ms  server  "101"
//!        200 ms  server  "103"
//!        300 ms  server  "102"
//!        500 ms  server  "99"
//!        600 ms  server  "101"
//!        650 ms  client  close 1000
//!        650 ms  server  close 1000
//!
//!          0 ms  server  "100"
//!        100 ms  server  "101"
//!        200 ms  server  "103"
//!        250 ms  client  stops reading
//!        750 ms  client  reads again
//!        750 ms  server  "102"
//!        750 ms  server  "104"
//!        800 ms  server  "106"
//!        850 ms  client  close 1000
//!        850 ms  server  close 1000
//!
//!          0 ms  server  "100"
//!        100 ms  server  "101"
//!        150 ms  client  vanishes
//!
//! Hint: `changed` waits for a value that this receiver has not seen. `borrow_and_update` reads it;
//! what it gives must be copied out before the next `.await`. For a slow reader, the price may have
//! moved and come back.
//! Start over: git restore lessons/level6/exercises/newest_only.rs

use std::time::Duration;

use anyhow::Result;
use futures_util::SinkExt;
use tokio::{sync::mpsc, task::JoinSet, time::sleep};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{Failure, WebSocket, cli, listen, next_text, serve, shutdown_signal};

/// The price at 0 ms, at 100 ms, and so on; then it begins anew.
const PRICES: [u32; 10] = [100, 101, 103, 102, 102, 99, 101, 104, 106, 103];
const BEAT: Duration = Duration::from_millis(100);

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let address = cli::server_address(include_str!("newest_only.rs"));
    let shutdown = shutdown_signal();
    let listener = listen(&address).await?;
    serve(listener, quote, shutdown).await;
    Ok(())
}

/// Tells one reader the price.
pub async fn quote(socket: &mut WebSocket) -> Result<()> {
    let (_source, mut prices) = prices();
    loop {
        tokio::select! {
            price = prices.recv() => match price {
                Some(price) => socket.send(Message::text(price.to_string())).await?,
                None => todo!("a watch channel in place of this one, here and in prices()"),
            },
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}

/// A price that moves every 100 ms. It ends with its `JoinSet`.
///
/// Each reader has one of its own here, so that the judge knows what is due.
fn prices() -> (JoinSet<()>, mpsc::Receiver<u32>) {
    let (sender, prices) = mpsc::channel(1000);
    let mut source = JoinSet::new();
    source.spawn(async move {
        for price in PRICES.into_iter().cycle() {
            if sender.send(price).await.is_err() {
                return;
            }
            sleep(BEAT).await;
        }
    });
    (source, prices)
}
