use std::{ops::RangeInclusive, time::Duration};

use anyhow::Result;
use futures_util::SinkExt;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text};

right! { resume, served:
    takes_what_is_there_and_waits,
    waits_with_a_timeout,
    remembers_the_next_and_not_the_last,
}

const BEAT: Duration = Duration::from_millis(100);

struct Log {
    start: Instant,
}

impl Log {
    fn new() -> Log {
        Log { start: Instant::now() }
    }

    fn kept(&self) -> RangeInclusive<u64> {
        let last = 12 + (self.start.elapsed().as_millis() / BEAT.as_millis()) as u64;
        last - 7..=last
    }

    async fn longer_than(&self, number: u64) {
        let beats = (number + 1).saturating_sub(12) as u32;
        sleep_until(self.start + BEAT * beats).await;
    }
}

/// All that is there, one at a time: what is once fed can be a gap no more.
pub async fn takes_what_is_there_and_waits(socket: &mut WebSocket) -> Result<()> {
    let log = Log::new();
    let Some(request) = next_text(socket).await? else { return Ok(()) };
    let mut last: u64 = request.trim_start_matches("after ").parse()?;
    if last > *log.kept().end() {
        socket.feed("anew".into()).await?;
        last = 0;
    }
    loop {
        let mut burst = 0;
        while last < *log.kept().end() && burst < 64 {
            let oldest = *log.kept().start();
            if last < oldest - 1 {
                socket.feed(format!("gap {} {}", last + 1, oldest - 1).into()).await?;
                last = oldest - 1;
            }
            last += 1;
            socket.feed(format!("line {last}").into()).await?;
            burst += 1;
            socket.flush().await?;
        }
        tokio::select! {
            () = log.longer_than(last) => {}
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}

pub async fn waits_with_a_timeout(socket: &mut WebSocket) -> Result<()> {
    let log = Log::new();
    let Some(request) = next_text(socket).await? else { return Ok(()) };
    let number = request.split(' ').next_back().unwrap_or_default();
    let mut last: u64 = number.parse()?;
    if !(0..=*log.kept().end()).contains(&last) {
        socket.send("anew".into()).await?;
        last = 0;
    }
    loop {
        match timeout(Duration::from_millis(1), log.longer_than(last)).await {
            Ok(()) if log.kept().contains(&(last + 1)) => {
                last += 1;
                socket.send(Message::text(format!("line {last}"))).await?;
            }
            Ok(()) => {
                let (from, to) = (last + 1, log.kept().start() - 1);
                socket.send(Message::text(format!("gap {from} {to}"))).await?;
                last = to;
            }
            Err(_elapsed) => {
                if let Ok(text) = timeout(Duration::from_millis(1), next_text(socket)).await {
                    if text?.is_none() {
                        return Ok(());
                    }
                }
            }
        }
    }
}

pub async fn remembers_the_next_and_not_the_last(socket: &mut WebSocket) -> Result<()> {
    let log = Log::new();
    let Some(request) = next_text(socket).await? else { return Ok(()) };
    let mut next = request[6..].parse::<u64>()? + 1;
    if next > log.kept().end() + 1 {
        socket.send(Message::text("anew")).await?;
        next = 1;
    }
    loop {
        let is_new = log.longer_than(next - 1);
        tokio::select! {
            biased;
            text = next_text(socket) => match text? {
                Some(_) => continue,
                None => return Ok(()),
            },
            () = is_new => {}
        }
        let oldest = *log.kept().start();
        if oldest > next {
            socket.send(Message::text(format!("gap {next} {}", oldest - 1))).await?;
            next = oldest;
        } else {
            socket.send(Message::text(format!("line {next}"))).await?;
            next += 1;
        }
    }
}
