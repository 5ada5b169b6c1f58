//! Level 6, exercise: a reader that comes back goes on where it was. Nothing is lost, nothing
//! comes twice.
//!
//! A reader says `after 9`: line 9 is the last that it has. This server sends what the log has
//! after that, and then each new line. But it does so in two phases, and between them lines fall
//! through.
//!
//! Your task: change `follow`.
//! - Every line after the reader's last one comes once and in order, however slow the reader is.
//! - Where the log has lines no more that are due, the reader hears it: `gap 3 4`, and then the
//!   oldest line that is left.
//! - A reader whose last line is one that this log never had, such as 99, has it from another log.
//!   It gets `anew`, and then this log from line 1 on, so a gap first if line 1 is no longer there.
//!
//! Pings are answered, and a reader that leaves is heard, both without waiting for a line. Further
//! texts are dropped.
//!
//!     cargo run -p level6 --bin level6_exercises_resume
//!     cargo test -p level6 --test exercises resume     (the judge)
//!
//! To try it, paste this into a browser's console (F12):
//!
//!     s = new WebSocket("ws://127.0.0.1:8765");
//!     s.onmessage = (e) => console.log(e.data);
//!     s.onopen = () => s.send("after 9");
//!
//! What is due with three readers. The log has lines 1 to 12 when a reader comes, keeps the newest
//! eight, and grows by one every 100 ms. While a reader stops reading, nothing fits between the two
//! but the one line that is being sent. The judge also plays other readers.
//!
//!         50 ms  client  "after 9"
//!         50 ms  server  "line 10"
//!         50 ms  server  "line 11"
//!         50 ms  server  "line 12"
//!        100 ms  server  "line 13"
//!        200 ms  server  "line 14"
//!        250 ms  client  close 1000
//!        250 ms  server  close 1000
//!
//!         50 ms  client  "after 2"
//!         50 ms  server  "gap 3 4"
//!         50 ms  server  "line 5"
//!         50 ms  server  "line 6"
//!         50 ms  server  "line 7"
//!         50 ms  server  "line 8"
//!         50 ms  server  "line 9"
//!         50 ms  server  "line 10"
//!         50 ms  server  "line 11"
//!         50 ms  server  "line 12"
//!         70 ms  client  vanishes
//!
//!         40 ms  client  stops reading
//!         50 ms  client  "after 10"
//!        350 ms  client  reads again
//!        350 ms  server  "line 11"
//!        350 ms  server  "line 12"
//!        350 ms  server  "line 13"
//!        350 ms  server  "line 14"
//!        350 ms  server  "line 15"
//!        400 ms  server  "line 16"
//!        450 ms  client  close 1000
//!        450 ms  server  close 1000
//!
//! Hint: no phases. The reader has a place in the log, and one loop asks again and again what comes
//! after it.
//! Start over: git restore lessons/level6/exercises/resume.rs

use std::{ops::RangeInclusive, time::Duration};

use anyhow::{Context, Result};
use futures_util::SinkExt;
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{Failure, WebSocket, cli, listen, next_text, serve, shutdown_signal};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let address = cli::server_address(include_str!("resume.rs"));
    let shutdown = shutdown_signal();
    let listener = listen(&address).await?;
    serve(listener, follow, shutdown).await;
    Ok(())
}

/// Sends one reader what it has not got yet, and then each new line.
pub async fn follow(socket: &mut WebSocket) -> Result<()> {
    let log = Log::new();
    let Some(request) = next_text(socket).await? else { return Ok(()) };
    let after: u64 = request.strip_prefix("after ").context("`after NUMBER` is due")?.parse()?;

    // First what the log has …
    for number in log.kept().filter(|number| *number > after) {
        socket.send(Message::text(format!("line {number}"))).await?;
    }
    // … and then what is new.
    let mut last = *log.kept().end();
    loop {
        tokio::select! {
            () = log.longer_than(last) => {
                last += 1;
                socket.send(Message::text(format!("line {last}"))).await?;
            }
            text = next_text(socket) => if text?.is_none() { break },
        }
    }
    todo!("resume without loss, and put Ok(()) in place of this line")
}

const BEAT: Duration = Duration::from_millis(100);

/// A log that grows by one line every 100 ms. Each reader has one of its own here, so that the
/// judge knows what is due.
struct Log {
    start: Instant,
}

impl Log {
    fn new() -> Log {
        Log { start: Instant::now() }
    }

    /// The numbers of the lines that the log has now: the newest eight.
    fn kept(&self) -> RangeInclusive<u64> {
        let last = 12 + (self.start.elapsed().as_millis() / BEAT.as_millis()) as u64;
        last - 7..=last
    }

    /// Waits until the log has a line after this one. Safe to cancel.
    async fn longer_than(&self, number: u64) {
        let beats = (number + 1).saturating_sub(12) as u32;
        sleep_until(self.start + BEAT * beats).await;
    }
}
