//! A solution of `lessons/level6/exercises/resume.rs`: its `follow`, and imports.

use std::{ops::RangeInclusive, time::Duration};

use anyhow::{Context, Result};
use futures_util::SinkExt;
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text};

pub async fn follow(socket: &mut WebSocket) -> Result<()> {
    let log = Log::new();
    let Some(request) = next_text(socket).await? else { return Ok(()) };
    // The reader's place: the last line that it has, or has heard to be gone.
    let mut last: u64 = request.strip_prefix("after ").context("`after NUMBER` is due")?.parse()?;
    if last > *log.kept().end() {
        socket.send(Message::text("anew")).await?;
        last = 0;
    }
    // Old lines and new ones are the same to this loop. So there is no seam between them.
    loop {
        tokio::select! {
            () = log.longer_than(last) => {
                // Asked anew each time: while the last line was sent, the log has gone on.
                let oldest = *log.kept().start();
                let message = if last + 1 < oldest {
                    let from = last + 1;
                    last = oldest - 1;
                    format!("gap {from} {last}")
                } else {
                    last += 1;
                    format!("line {last}")
                };
                socket.send(Message::text(message)).await?;
            }
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}

const BEAT: Duration = Duration::from_millis(100);

/// A log that grows by one line every 100 ms.
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
