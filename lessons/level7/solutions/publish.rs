//! A solution of `lessons/level7/exercises/publish.rs`: its `publish`, and what it stands on.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, future::BoxFuture};
use level7::{Answer, Request};
use tokio::time::sleep;
use websocket_streaming::{CloseWith, ConnectError, WebSocket, close, next_text};

const LIST: [&str; 3] = ["bread", "milk", "tea"];

pub type Dial = Box<dyn Fn() -> BoxFuture<'static, Result<WebSocket, ConnectError>> + Send + Sync>;

pub async fn publish(dial: Dial) -> Result<String> {
    // What is known of each line outlives every connection.
    let mut numbers = [None; LIST.len()];
    loop {
        if let Ok(mut socket) = dial().await {
            let outcome = deliver(&mut socket, &mut numbers).await;
            close(&mut socket, CloseWith::normal()).await;
            if outcome.is_ok() {
                return Ok(numbers
                    .iter()
                    .flatten()
                    .map(u64::to_string)
                    .collect::<Vec<_>>()
                    .join(" "));
            }
        }
        sleep(Duration::from_secs(1)).await;
    }
}

/// Sends what has no answer, and waits for the answers. The error: there will be none on this
/// connection.
async fn deliver(socket: &mut WebSocket, numbers: &mut [Option<u64>; LIST.len()]) -> Result<()> {
    // An id belongs to its line, and not to an attempt: so the server knows it again.
    let id = |index: usize| format!("ada-{}", index + 1);
    for (index, text) in LIST.into_iter().enumerate() {
        if numbers[index].is_none() {
            let line = Request::Publish { id: id(index), text: text.into() };
            socket.send(line.encode()).await?;
        }
    }
    while numbers.contains(&None) {
        let text = next_text(socket).await?.context("the connection is over")?;
        match serde_json::from_str(&text)? {
            Answer::Published { id: whose, seq } => {
                if let Some(index) = (0..LIST.len()).find(|&index| id(index) == whose) {
                    numbers[index] = Some(seq);
                }
            }
            Answer::Error { again: true, reason, .. } => bail!("not kept now: {reason}"),
            _ => {}
        }
    }
    Ok(())
}
