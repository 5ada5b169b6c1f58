use std::{ops::RangeInclusive, time::Duration};

use anyhow::{Context, Result, ensure};
use futures_util::SinkExt;
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text};

mistakes! { resume, served:
    is_not_changed => "before it \"gap 3 4\" was due",
    loses_what_comes_while_it_catches_up => "before it \"line 13\" was due",
    sends_the_seam_twice => "\"line 13\" came once more",
    sends_the_last_line_again => "server \"line 9\" at 50 ms was not due",
    leaves_the_gap_unsaid => "before it \"gap 3 4\" was due",
    sees_a_gap_only_at_the_beginning => "where \"gap 12 16\" was due",
    says_a_gap_where_there_is_none => "server \"gap 5 4\" at 50 ms was not due",
    waits_for_line_100 => "due was: server \"anew\" at 50 ms",
    throws_the_stranger_out => "due was: server \"anew\" at 50 ms",
    says_no_gap_after_anew => "\"line 5\" came, and before it \"gap 1 4\" was due",
    begins_from_the_newest => "\"line 13\" came, and before it \"line 10\" was due",
    takes_a_word_for_a_goodbye => "Too early an end: your server sent close 1000 at 150 ms",
    knows_a_stranger_only_by_a_large_number => "The judge also plays others",
    goes_back_when_it_is_told_again => "The judge also plays others",
    is_deaf_until_a_line_comes => "\"line 15\" came, where close 1000 was due",
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

fn place(request: &str) -> Result<u64> {
    Ok(request.strip_prefix("after ").context("`after NUMBER` is due")?.parse()?)
}

async fn line(socket: &mut WebSocket, number: u64) -> Result<()> {
    Ok(socket.send(Message::text(format!("line {number}"))).await?)
}

/// The place at which this reader begins, once it has heard what there is to hear.
async fn begin(socket: &mut WebSocket, log: &Log, mut last: u64) -> Result<u64> {
    let kept = log.kept();
    if last > *kept.end() {
        socket.send(Message::text("anew")).await?;
        last = 0;
    }
    if last + 1 < *kept.start() {
        socket.send(Message::text(format!("gap {} {}", last + 1, kept.start() - 1))).await?;
        return Ok(kept.start() - 1);
    }
    Ok(last)
}

/// Every line after `last`, whether the log still has it or not.
async fn live(socket: &mut WebSocket, log: &Log, mut last: u64) -> Result<()> {
    loop {
        tokio::select! {
            () = log.longer_than(last) => {
                last += 1;
                line(socket, last).await?;
            }
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}

pub async fn is_not_changed(socket: &mut WebSocket) -> Result<()> {
    let log = Log::new();
    let Some(request) = next_text(socket).await? else { return Ok(()) };
    let after = place(&request)?;
    for number in log.kept().filter(|number| *number > after) {
        line(socket, number).await?;
    }
    let last = *log.kept().end();
    live(socket, &log, last).await
}

pub async fn loses_what_comes_while_it_catches_up(socket: &mut WebSocket) -> Result<()> {
    let log = Log::new();
    let Some(request) = next_text(socket).await? else { return Ok(()) };
    let after = begin(socket, &log, place(&request)?).await?;
    for number in log.kept().filter(|number| *number > after) {
        line(socket, number).await?;
    }
    let last = *log.kept().end();
    live(socket, &log, last).await
}

/// It notes the place first, and asks for the lines later, which are more by then.
pub async fn sends_the_seam_twice(socket: &mut WebSocket) -> Result<()> {
    let log = Log::new();
    let Some(request) = next_text(socket).await? else { return Ok(()) };
    let mut after = begin(socket, &log, place(&request)?).await?;
    let last = *log.kept().end();
    while after < *log.kept().end() {
        after += 1;
        line(socket, after).await?;
    }
    live(socket, &log, last).await
}

pub async fn sends_the_last_line_again(socket: &mut WebSocket) -> Result<()> {
    let log = Log::new();
    let Some(request) = next_text(socket).await? else { return Ok(()) };
    let last = begin(socket, &log, place(&request)?).await?;
    live(socket, &log, last - 1).await
}

pub async fn leaves_the_gap_unsaid(socket: &mut WebSocket) -> Result<()> {
    let log = Log::new();
    let Some(request) = next_text(socket).await? else { return Ok(()) };
    let last = place(&request)?.max(log.kept().start() - 1);
    live(socket, &log, last).await
}

/// The log has them no more. This one can make them up, a real one could not.
pub async fn sees_a_gap_only_at_the_beginning(socket: &mut WebSocket) -> Result<()> {
    let log = Log::new();
    let Some(request) = next_text(socket).await? else { return Ok(()) };
    let last = begin(socket, &log, place(&request)?).await?;
    live(socket, &log, last).await
}

pub async fn says_a_gap_where_there_is_none(socket: &mut WebSocket) -> Result<()> {
    let log = Log::new();
    let Some(request) = next_text(socket).await? else { return Ok(()) };
    let mut last = place(&request)?;
    if last > *log.kept().end() {
        socket.send(Message::text("anew")).await?;
        last = 0;
    }
    if last < *log.kept().start() {
        let gap = format!("gap {} {}", last + 1, log.kept().start() - 1);
        socket.send(Message::text(gap)).await?;
        return catch_up(socket, &log, log.kept().start() - 1).await;
    }
    catch_up(socket, &log, last).await
}

pub async fn waits_for_line_100(socket: &mut WebSocket) -> Result<()> {
    let log = Log::new();
    let Some(request) = next_text(socket).await? else { return Ok(()) };
    catch_up(socket, &log, place(&request)?).await
}

pub async fn throws_the_stranger_out(socket: &mut WebSocket) -> Result<()> {
    let log = Log::new();
    let Some(request) = next_text(socket).await? else { return Ok(()) };
    let last = place(&request)?;
    ensure!(last <= *log.kept().end(), "no such line");
    catch_up(socket, &log, last).await
}

pub async fn says_no_gap_after_anew(socket: &mut WebSocket) -> Result<()> {
    let log = Log::new();
    let Some(request) = next_text(socket).await? else { return Ok(()) };
    let mut last = place(&request)?;
    if last > *log.kept().end() {
        socket.send(Message::text("anew")).await?;
        last = log.kept().start() - 1;
    }
    catch_up(socket, &log, last).await
}

pub async fn begins_from_the_newest(socket: &mut WebSocket) -> Result<()> {
    let log = Log::new();
    let Some(_) = next_text(socket).await? else { return Ok(()) };
    let last = *log.kept().end();
    live(socket, &log, last).await
}

pub async fn takes_a_word_for_a_goodbye(socket: &mut WebSocket) -> Result<()> {
    let log = Log::new();
    let Some(request) = next_text(socket).await? else { return Ok(()) };
    let mut last = begin(socket, &log, place(&request)?).await?;
    loop {
        tokio::select! {
            () = log.longer_than(last) => last = one(socket, &log, last).await?,
            _ = next_text(socket) => return Ok(()),
        }
    }
}

pub async fn is_deaf_until_a_line_comes(socket: &mut WebSocket) -> Result<()> {
    let log = Log::new();
    let Some(request) = next_text(socket).await? else { return Ok(()) };
    let mut last = begin(socket, &log, place(&request)?).await?;
    loop {
        log.longer_than(last).await;
        last = one(socket, &log, last).await?;
    }
}

/// Line 13 may come soon. But this reader has it already, and so it is another one's.
pub async fn knows_a_stranger_only_by_a_large_number(socket: &mut WebSocket) -> Result<()> {
    let log = Log::new();
    let Some(request) = next_text(socket).await? else { return Ok(()) };
    let mut last = place(&request)?;
    if last > log.kept().end() + 1 {
        socket.send(Message::text("anew")).await?;
        last = 0;
    }
    catch_up(socket, &log, last).await
}

pub async fn goes_back_when_it_is_told_again(socket: &mut WebSocket) -> Result<()> {
    let log = Log::new();
    let Some(request) = next_text(socket).await? else { return Ok(()) };
    let mut last = place(&request)?;
    if last > *log.kept().end() {
        socket.send(Message::text("anew")).await?;
        last = 0;
    }
    loop {
        tokio::select! {
            () = log.longer_than(last) => last = one(socket, &log, last).await?,
            text = next_text(socket) => match text? {
                Some(text) => last = place(&text)?,
                None => return Ok(()),
            },
        }
    }
}

/// The right loop.
async fn catch_up(socket: &mut WebSocket, log: &Log, mut last: u64) -> Result<()> {
    loop {
        tokio::select! {
            () = log.longer_than(last) => last = one(socket, log, last).await?,
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}

/// A gap or a line, and the place after it.
async fn one(socket: &mut WebSocket, log: &Log, last: u64) -> Result<u64> {
    let oldest = *log.kept().start();
    if last + 1 < oldest {
        socket.send(Message::text(format!("gap {} {}", last + 1, oldest - 1))).await?;
        return Ok(oldest - 1);
    }
    line(socket, last + 1).await?;
    Ok(last + 1)
}
