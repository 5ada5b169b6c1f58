use anyhow::Result;
use futures_util::{SinkExt, StreamExt, TryStreamExt};
use std::pin::pin;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text};

right! { numbered_replies, served:
    loops_with_for_ever,
    zips_with_numbers,
    reads_messages_itself,
    keeps_a_state_behind_a_lock,
}

pub async fn loops_with_for_ever(socket: &mut WebSocket) -> Result<()> {
    socket.feed("Welcome!".into()).await?;
    socket.flush().await?;
    for number in 1u64.. {
        match next_text(socket).await? {
            Some(text) => socket.send(format!("{number}: {text}").into()).await?,
            None => break,
        }
    }
    Ok(())
}

pub async fn zips_with_numbers(socket: &mut WebSocket) -> Result<()> {
    let (mut sink, stream) = socket.split();
    sink.send(Message::text("Welcome!")).await?;
    let texts = stream.try_filter_map(|message| async {
        Ok(if message.is_text() { Some(message.into_text()?) } else { None })
    });
    let mut numbered = pin!(texts.enumerate());
    while let Some((index, text)) = numbered.next().await {
        sink.send(Message::text(format!("{}: {}", index + 1, text?))).await?;
    }
    Ok(())
}

pub async fn reads_messages_itself(socket: &mut WebSocket) -> Result<()> {
    socket.send(Message::text("Welcome!")).await?;
    let mut number = 0;
    loop {
        let Some(message) = socket.next().await else { return Ok(()) };
        match message? {
            Message::Text(text) => {
                number += 1;
                socket.send(Message::text(number.to_string() + ": " + &text)).await?;
            }
            Message::Close(_) => return Ok(()),
            _ => {}
        }
    }
}

pub async fn keeps_a_state_behind_a_lock(socket: &mut WebSocket) -> Result<()> {
    let number = std::sync::Arc::new(std::sync::Mutex::new(0));
    socket.send(Message::text("Welcome!")).await?;
    while let Some(text) = next_text(socket).await? {
        let number = {
            let mut number = number.lock().unwrap();
            *number += 1;
            *number
        };
        socket.send(Message::text(format!("{number}: {text}"))).await?;
    }
    Ok(())
}
