//! Level 6, exercise: a reader who was too slow hears which lines it has missed.
//!
//! The log is a `broadcast` channel. It keeps the newest four lines, and each receiver has a place
//! in it. A reader that stops reading for a while, and then goes on, finds that lines are gone.
//!
//! Your task: complete `follow`. When lines are gone that this reader has not got, it hears so
//! first: `gap 4 6`, which names the first and the last of them. Then come the lines that are
//! still there, and so on. Pings are answered, and a reader that leaves is heard, both without
//! waiting for a line. Texts from the reader are dropped.
//!
//!     cargo run -p level6 --bin level6_exercises_tell_the_gap
//!     cargo test -p level6 --test exercises tell_the_gap     (the judge)
//!
//! To try it, paste this into a browser's console (F12). A browser always reads, so there is no
//! gap to be seen. The judge's readers do stop.
//!
//!     s = new WebSocket("ws://127.0.0.1:8765");
//!     s.onmessage = (e) => console.log(e.data);
//!
//! What is due with a reader that always reads, one that stops for a while, and one that vanishes.
//! While a reader stops, nothing fits between the two but the one line that is being sent. The judge
//! also plays other readers.
//!
//!        100 ms  server  "line 1"
//!        200 ms  server  "line 2"
//!        300 ms  server  "line 3"
//!        400 ms  server  "line 4"
//!        500 ms  server  "line 5"
//!        550 ms  client  close 1000
//!        550 ms  server  close 1000
//!
//!        100 ms  server  "line 1"
//!        200 ms  server  "line 2"
//!        250 ms  client  stops reading
//!       1050 ms  client  reads again
//!       1050 ms  server  "line 3"
//!       1050 ms  server  "gap 4 6"
//!       1050 ms  server  "line 7"
//!       1050 ms  server  "line 8"
//!       1050 ms  server  "line 9"
//!       1050 ms  server  "line 10"
//!       1100 ms  server  "line 11"
//!       1150 ms  client  close 1000
//!       1150 ms  server  close 1000
//!
//!        100 ms  server  "line 1"
//!        150 ms  client  vanishes
//!
//! Hint: `Lagged` carries how many lines are gone. Which these are, follows from the last one that
//! was sent.
//! Start over: git restore lessons/level6/exercises/tell_the_gap.rs

use std::time::Duration;

use anyhow::Result;
use futures_util::SinkExt;
use tokio::{
    sync::broadcast::{self, error::RecvError},
    task::JoinSet,
    time::sleep,
};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{Failure, WebSocket, cli, listen, next_text, serve, shutdown_signal};

const KEPT: usize = 4;
const BEAT: Duration = Duration::from_millis(100);

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let address = cli::server_address(include_str!("tell_the_gap.rs"));
    let shutdown = shutdown_signal();
    let listener = listen(&address).await?;
    serve(listener, follow, shutdown).await;
    Ok(())
}

/// Sends one reader the log, line by line.
pub async fn follow(socket: &mut WebSocket) -> Result<()> {
    let (_source, mut lines) = log();
    loop {
        tokio::select! {
            line = lines.recv() => match line {
                Ok(number) => socket.send(Message::text(format!("line {number}"))).await?,
                Err(RecvError::Lagged(count)) => todo!("tell the reader which {count} lines are gone"),
                Err(RecvError::Closed) => return Ok(()),
            },
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}

/// A log that grows by one line every 100 ms, and one place in it. It ends with its `JoinSet`.
///
/// Each reader has one of its own here, so that the judge knows what is due.
fn log() -> (JoinSet<()>, broadcast::Receiver<u64>) {
    let (log, lines) = broadcast::channel(KEPT);
    let mut source = JoinSet::new();
    source.spawn(async move {
        for number in 1.. {
            sleep(BEAT).await;
            let _ = log.send(number);
        }
    });
    (source, lines)
}
