//! A solution of `lessons/level5/exercises/live_preview.rs`: its `preview`, and what that calls.

use std::{pin::pin, time::Duration};

use anyhow::Result;
use futures_util::{SinkExt, Stream, StreamExt, stream};
use level5::events::{Event, Request, Status, message, parse};
use tokio::time::sleep;
use websocket_streaming::{WebSocket, next_text};

pub async fn preview(socket: &mut WebSocket) -> Result<()> {
    let mut next = next_ask(socket).await?;
    while let Some((id, text)) = next {
        // These words and their wait live as long as this turn of the loop: what is cancelled is
        // gone, and has nothing left that could still be sent.
        let mut words = pin!(translate(&text).enumerate());
        let newer = loop {
            tokio::select! {
                word = words.next() => match word {
                    Some((seq, text)) => {
                        let delta = Event::Delta { id: id.clone(), seq: seq as u64, text };
                        socket.send(message(&delta)).await?;
                    }
                    None => break None,
                },
                ask = next_ask(socket) => match ask? {
                    Some(newer) => break Some(newer),
                    None => return Ok(()),
                },
            }
        };
        // The one place from which an end is sent, and so there is exactly one.
        let status = if newer.is_some() { Status::Cancelled } else { Status::Completed };
        socket.send(message(&Event::Done { id, status })).await?;
        next = match newer {
            Some(newer) => Some(newer),
            None => next_ask(socket).await?,
        };
    }
    Ok(())
}

async fn next_ask(socket: &mut WebSocket) -> Result<Option<(String, String)>> {
    while let Some(text) = next_text(socket).await? {
        if let Ok(Request::Ask { id, text }) = parse(&text) {
            return Ok(Some((id, text)));
        }
    }
    Ok(None)
}

fn translate(text: &str) -> impl Stream<Item = String> {
    stream::iter(text.split_whitespace()).then(async |word| {
        sleep(Duration::from_millis(200)).await;
        match word {
            "hello" => "你好 ".into(),
            "world" => "世界 ".into(),
            "this" => "这 ".into(),
            "is" => "是 ".into(),
            "a" => "一个 ".into(),
            "test" => "测试 ".into(),
            _ => format!("{word} "),
        }
    })
}
