use std::time::Duration;

use anyhow::{Result, bail};
use futures_util::SinkExt;
use tokio::{
    sync::{
        broadcast::{self, error::RecvError},
        mpsc,
    },
    task::JoinSet,
    time::sleep,
};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text};

mistakes! { tell_the_gap, served:
    takes_a_gap_for_the_end => "Too early an end: your server sent close 1000 at 1050 ms; due was: server \"gap 4 6\"",
    loses_them_in_silence => "before it \"gap 4 6\" was due",
    throws_the_reader_out => "Your function returned an error: too slow",
    tells_how_many_and_not_which => "\"gap 3\" came, where \"gap 4 6\" was due",
    is_off_by_one => "\"gap 3 6\" came, where \"gap 4 6\" was due",
    goes_on_at_the_newest => "\"line 11\" came, and before it \"line 7\" was due",
    forgets_that_it_has_told => "\"gap 9 12\" came, where \"gap 11 12\" was due",
    names_it_when_it_is_too_late => "\"gap 4 10\" came",
    keeps_every_line => "where \"gap 4 6\" was due",
    holds_the_source_up => "where \"gap 4 6\" was due",
    keeps_twice_as_many => "\"line 4\" came, where \"gap 4 6\" was due",
    takes_a_word_for_a_goodbye => "Too early an end: your server sent close 1000 at 250 ms",
    is_deaf_until_a_line_comes => "\"line 6\" came, where close 1000 was due",
    works_on_for_nobody => "1,500 ms later your function had not returned",
}

const BEAT: Duration = Duration::from_millis(100);

fn log(kept: usize) -> (JoinSet<()>, broadcast::Receiver<u64>) {
    let (log, lines) = broadcast::channel(kept);
    let mut source = JoinSet::new();
    source.spawn(async move {
        for number in 1.. {
            sleep(BEAT).await;
            let _ = log.send(number);
        }
    });
    (source, lines)
}

/// What to do about a gap: the last line that was sent, and how many are gone.
type Gap = fn(&mut u64, u64) -> Result<Option<String>>;

async fn follow(socket: &mut WebSocket, kept: usize, gap: Gap) -> Result<()> {
    let (_source, mut lines) = log(kept);
    let mut last = 0;
    loop {
        tokio::select! {
            line = lines.recv() => {
                let message = match line {
                    Ok(number) => {
                        last = number;
                        Some(format!("line {number}"))
                    }
                    Err(RecvError::Lagged(count)) => gap(&mut last, count)?,
                    Err(RecvError::Closed) => return Ok(()),
                };
                if let Some(message) = message {
                    socket.send(Message::text(message)).await?;
                }
            }
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}

fn right(last: &mut u64, count: u64) -> Result<Option<String>> {
    let from = *last + 1;
    *last += count;
    Ok(Some(format!("gap {from} {last}")))
}

pub async fn takes_a_gap_for_the_end(socket: &mut WebSocket) -> Result<()> {
    let (_source, mut lines) = log(4);
    loop {
        tokio::select! {
            line = lines.recv() => {
                let Ok(number) = line else { return Ok(()) };
                socket.send(Message::text(format!("line {number}"))).await?;
            }
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}

pub async fn loses_them_in_silence(socket: &mut WebSocket) -> Result<()> {
    follow(socket, 4, |_, _| Ok(None)).await
}

pub async fn throws_the_reader_out(socket: &mut WebSocket) -> Result<()> {
    follow(socket, 4, |_, _| bail!("too slow")).await
}

pub async fn tells_how_many_and_not_which(socket: &mut WebSocket) -> Result<()> {
    follow(socket, 4, |_, count| Ok(Some(format!("gap {count}")))).await
}

pub async fn is_off_by_one(socket: &mut WebSocket) -> Result<()> {
    follow(socket, 4, |last, count| Ok(Some(format!("gap {last} {}", *last + count)))).await
}

/// The four lines that are still there are lost with the others.
pub async fn goes_on_at_the_newest(socket: &mut WebSocket) -> Result<()> {
    let (_source, mut lines) = log(4);
    let mut last = 0;
    loop {
        tokio::select! {
            line = lines.recv() => match line {
                Ok(number) => {
                    last = number;
                    socket.send(Message::text(format!("line {number}"))).await?;
                }
                Err(RecvError::Lagged(count)) => {
                    let gap = format!("gap {} {}", last + 1, last + count);
                    socket.send(Message::text(gap)).await?;
                    lines = lines.resubscribe();
                }
                Err(RecvError::Closed) => return Ok(()),
            },
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}

/// By luck the first gap is right.
pub async fn forgets_that_it_has_told(socket: &mut WebSocket) -> Result<()> {
    let (_source, mut lines) = log(4);
    let mut sent = 0;
    let mut gone = 0;
    loop {
        tokio::select! {
            line = lines.recv() => {
                let message = match line {
                    Ok(number) => {
                        sent += 1;
                        format!("line {number}")
                    }
                    Err(RecvError::Lagged(count)) => {
                        let from = sent + 1;
                        gone += count;
                        format!("gap {from} {}", sent + gone)
                    }
                    Err(RecvError::Closed) => return Ok(()),
                };
                socket.send(Message::text(message)).await?;
            }
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}

/// It looks where the log is now, which is not where the gap ends.
pub async fn names_it_when_it_is_too_late(socket: &mut WebSocket) -> Result<()> {
    let (_source, mut lines) = log(4);
    let mut last = 0;
    loop {
        tokio::select! {
            line = lines.recv() => {
                let message = match line {
                    Ok(number) => {
                        last = number;
                        format!("line {number}")
                    }
                    Err(RecvError::Lagged(count)) => {
                        format!("gap {} {}", last + 1, last + count + lines.len() as u64)
                    }
                    Err(RecvError::Closed) => return Ok(()),
                };
                socket.send(Message::text(message)).await?;
            }
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}

/// No gap, and no limit: a reader that stops fills the memory.
pub async fn keeps_every_line(socket: &mut WebSocket) -> Result<()> {
    let (sender, mut lines) = mpsc::unbounded_channel();
    let mut source = JoinSet::new();
    source.spawn(async move {
        let mut number = 0;
        loop {
            sleep(BEAT).await;
            number += 1;
            let _ = sender.send(number);
        }
    });
    loop {
        tokio::select! {
            Some(number) = lines.recv() => {
                socket.send(Message::text(format!("line {number}"))).await?;
            }
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}

/// One slow reader, and the log stands still for all.
pub async fn holds_the_source_up(socket: &mut WebSocket) -> Result<()> {
    let (sender, mut lines) = mpsc::channel(4);
    let mut source = JoinSet::new();
    source.spawn(async move {
        for number in 1.. {
            sleep(BEAT).await;
            let _ = sender.send(number).await;
        }
    });
    loop {
        tokio::select! {
            Some(number) = lines.recv() => {
                socket.send(Message::text(format!("line {number}"))).await?;
            }
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}

pub async fn keeps_twice_as_many(socket: &mut WebSocket) -> Result<()> {
    follow(socket, 8, right).await
}

pub async fn takes_a_word_for_a_goodbye(socket: &mut WebSocket) -> Result<()> {
    let (_source, mut lines) = log(4);
    let mut last = 0;
    loop {
        tokio::select! {
            line = lines.recv() => {
                let message = match line {
                    Ok(number) => {
                        last = number;
                        Some(format!("line {number}"))
                    }
                    Err(RecvError::Lagged(count)) => right(&mut last, count)?,
                    Err(RecvError::Closed) => return Ok(()),
                };
                socket.send(Message::text(message.unwrap_or_default())).await?;
            }
            _ = next_text(socket) => return Ok(()),
        }
    }
}

pub async fn is_deaf_until_a_line_comes(socket: &mut WebSocket) -> Result<()> {
    let (_source, mut lines) = log(4);
    let mut last = 0;
    loop {
        let message = match lines.recv().await {
            Ok(number) => {
                last = number;
                Some(format!("line {number}"))
            }
            Err(RecvError::Lagged(count)) => right(&mut last, count)?,
            Err(RecvError::Closed) => return Ok(()),
        };
        socket.send(Message::text(message.unwrap_or_default())).await?;
    }
}

pub async fn works_on_for_nobody(socket: &mut WebSocket) -> Result<()> {
    let (_source, mut lines) = log(4);
    let mut last = 0;
    loop {
        tokio::select! {
            line = lines.recv() => {
                let message = match line {
                    Ok(number) => {
                        last = number;
                        Some(format!("line {number}"))
                    }
                    Err(RecvError::Lagged(count)) => right(&mut last, count)?,
                    Err(RecvError::Closed) => return Ok(()),
                };
                drop(socket.send(Message::text(message.unwrap_or_default())).await);
            }
            Ok(Some(_)) = next_text(socket) => {}
        }
    }
}
