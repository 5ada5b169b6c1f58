//! A solution of `lessons/level6/exercises/tell_the_gap.rs`: its `follow`, and imports.

use std::time::Duration;

use anyhow::Result;
use futures_util::SinkExt;
use tokio::{
    sync::broadcast::{self, error::RecvError},
    task::JoinSet,
    time::sleep,
};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text};

const KEPT: usize = 4;
const BEAT: Duration = Duration::from_millis(100);

pub async fn follow(socket: &mut WebSocket) -> Result<()> {
    let (_source, mut lines) = log();
    // The number of the last line that this reader has got, or has heard to be gone.
    let mut last = 0;
    loop {
        tokio::select! {
            line = lines.recv() => {
                let message = match line {
                    Ok(number) => {
                        last = number;
                        format!("line {number}")
                    }
                    // The receiver now stands at the oldest line that is left, so the next turn
                    // goes on there.
                    Err(RecvError::Lagged(count)) => {
                        let from = last + 1;
                        last += count;
                        format!("gap {from} {last}")
                    }
                    Err(RecvError::Closed) => return Ok(()),
                };
                socket.send(Message::text(message)).await?;
            }
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}

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
