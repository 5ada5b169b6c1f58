//! Level 7, exercise: is it still there? A server that finds a silent client, and spares a slow one.
//!
//! A telephone in a tunnel says no goodbye. TCP does not tell either: whoever only waits, waits for
//! ever. So a server asks. Each client answers a ping, whatever else it does: its library does so.
//!
//! Your task: complete `keep_alive`, which echoes texts.
//! - Every 20 s, counted from its start, it looks back. If something was heard since the last look,
//!   it sends a ping without words. A text, a ping, a pong: all of them say that the client is there.
//! - If nothing was heard, not even the answer to the ping, the client is gone: the connection is
//!   closed with code 1013, which means "come back later". It may be a computer that sleeps.
//! - A client that takes nothing for 20 s is gone, too, even if it speaks: closed with 1013.
//!
//! Who says goodbye is heard at once, whatever the time.
//!
//!     cargo run -p level7 --bin level7_exercises_heartbeat
//!     cargo test -p level7 --test exercises heartbeat     (the judge)
//!
//! To try it, paste this into a browser's console (F12), and wait. A browser always answers, and
//! shows no ping: with `RUST_LOG=tungstenite=trace` the server shows them.
//!
//!     s = new WebSocket("ws://127.0.0.1:8765");
//!     s.onmessage = (e) => console.log(e.data);
//!     s.onopen = () => s.send("Hello");
//!
//! What is due with a client that is well, one that falls silent, and one that is slow. Pongs that a
//! client's library sends are not shown. While a client is silent, nothing of it arrives: no pong,
//! and no answer to a close, for which the library waits 3 s. The judge also plays other clients.
//!
//!          5000 ms  client  "Hello"
//!          5000 ms  server  "Hello"
//!         20000 ms  server  ping ""
//!         40000 ms  server  ping ""
//!         60000 ms  server  ping ""
//!         65000 ms  client  close 1000
//!         65000 ms  server  close 1000
//!
//!          5000 ms  client  "Hello"
//!          5000 ms  server  "Hello"
//!          9000 ms  client  falls silent
//!         20000 ms  server  ping ""
//!         40000 ms  server  close 1013
//!         43000 ms  server  drops the connection
//!
//!          5000 ms  client  falls silent
//!         20000 ms  server  ping ""
//!         39000 ms  client  speaks again
//!         39000 ms  client  pong "late"
//!         40000 ms  server  ping ""
//!         60000 ms  server  ping ""
//!         61000 ms  client  close 1000
//!         61000 ms  server  close 1000
//!
//! Hint: `next_text` shows only texts; `socket.next()` shows all that is heard. `tokio::time::timeout`
//! gives a `send` its deadline.
//! Start over: git restore lessons/level7/exercises/heartbeat.rs

use std::time::Duration;

use anyhow::Result;
use futures_util::SinkExt;
use tokio::time::{Instant, interval_at};
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};
use websocket_streaming::{
    CloseWith, Failure, WebSocket, cli, listen, next_text, serve, shutdown_signal,
};

const PULSE: Duration = Duration::from_secs(20);

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let address = cli::server_address(include_str!("heartbeat.rs"));
    let shutdown = shutdown_signal();
    let listener = listen(&address).await?;
    serve(listener, keep_alive, shutdown).await;
    Ok(())
}

/// Echoes texts, as long as the client is there.
pub async fn keep_alive(socket: &mut WebSocket) -> Result<()> {
    let mut ticks = interval_at(Instant::now() + PULSE, PULSE);
    loop {
        tokio::select! {
            text = next_text(socket) => match text? {
                Some(text) => socket.send(Message::Text(text)).await?,
                None => return Ok(()),
            },
            _ = ticks.tick() => todo!("ask whether it is there, or end with `gone()`"),
        }
    }
}

/// The error that closes the connection with code 1013.
#[allow(dead_code, reason = "it is for you")]
fn gone() -> anyhow::Error {
    CloseWith::new(CloseCode::Again, "nothing was heard from you").into()
}
