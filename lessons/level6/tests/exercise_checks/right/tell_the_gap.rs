use std::{collections::VecDeque, sync::Arc, time::Duration};

use anyhow::Result;
use futures_util::SinkExt;
use tokio::{
    sync::{
        Mutex,
        broadcast::{self, error::RecvError},
        watch,
    },
    task::JoinSet,
    time::sleep,
};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text};

right! { tell_the_gap, served:
    compares_the_numbers,
    has_a_ring_and_a_place,
    feeds_and_flushes,
    splits_the_socket,
}

const BEAT: Duration = Duration::from_millis(100);

fn log() -> (JoinSet<()>, broadcast::Receiver<u64>) {
    let (log, lines) = broadcast::channel(4);
    let mut source = JoinSet::new();
    source.spawn(async move {
        for number in 1.. {
            sleep(BEAT).await;
            let _ = log.send(number);
        }
    });
    (source, lines)
}

/// It learns of the gap from the line after it.
pub async fn compares_the_numbers(socket: &mut WebSocket) -> Result<()> {
    let (_source, mut lines) = log();
    let mut due = 1;
    loop {
        tokio::select! {
            line = lines.recv() => {
                let Ok(number) = line else { continue };
                if number > due {
                    socket.send(format!("gap {due} {}", number - 1).into()).await?;
                }
                socket.send(format!("line {number}").into()).await?;
                due = number + 1;
            }
            text = next_text(socket) => if text?.is_none() { break },
        }
    }
    Ok(())
}

/// As Level 6 itself does it.
pub async fn has_a_ring_and_a_place(socket: &mut WebSocket) -> Result<()> {
    let ring = Arc::new(Mutex::new(VecDeque::new()));
    let (news, mut changed) = watch::channel(0);
    let mut source = JoinSet::new();
    source.spawn({
        let ring = ring.clone();
        async move {
            for number in 1_u64.. {
                sleep(BEAT).await;
                let mut ring = ring.lock().await;
                ring.push_back(number);
                if ring.len() > 4 {
                    ring.pop_front();
                }
                let _ = news.send(number);
            }
        }
    });
    let mut place = 1;
    loop {
        let newest = *changed.borrow_and_update();
        while place <= newest {
            let oldest = ring.lock().await.front().copied().unwrap_or(place);
            if oldest > place {
                socket.send(Message::text(format!("gap {place} {}", oldest - 1))).await?;
                place = oldest;
            }
            socket.send(Message::text(format!("line {place}"))).await?;
            place += 1;
        }
        tokio::select! {
            changed = changed.changed() => changed?,
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}

/// All that is there, in one burst.
pub async fn feeds_and_flushes(socket: &mut WebSocket) -> Result<()> {
    let (_source, mut lines) = log();
    let mut last = 0;
    loop {
        let line = tokio::select! {
            line = lines.recv() => line,
            text = next_text(socket) => match text? {
                Some(_) => continue,
                None => return Ok(()),
            },
        };
        let mut line = Some(line);
        while let Some(result) = line {
            let message = match result {
                Ok(number) => {
                    last = number;
                    format!("line {number}")
                }
                Err(RecvError::Lagged(count)) => {
                    last += count;
                    format!("gap {} {last}", last - count + 1)
                }
                Err(RecvError::Closed) => return Ok(()),
            };
            socket.feed(Message::text(message)).await?;
            line = if lines.is_empty() { None } else { Some(lines.recv().await) };
        }
        socket.flush().await?;
    }
}

/// One loop writes, the other only listens.
pub async fn splits_the_socket(socket: &mut WebSocket) -> Result<()> {
    use futures_util::StreamExt;
    let (_source, mut lines) = log();
    let (mut sink, mut stream) = socket.split();
    let write = async {
        let mut next = 1;
        loop {
            let message = match lines.recv().await {
                Ok(number) => {
                    next = number + 1;
                    format!("line {number}")
                }
                Err(RecvError::Lagged(count)) => {
                    next += count;
                    format!("gap {} {}", next - count, next - 1)
                }
                Err(RecvError::Closed) => return Ok(()),
            };
            sink.send(Message::text(message)).await?;
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
