use anyhow::Result;
use futures_util::{SinkExt, StreamExt, stream};
use std::{pin::pin, time::Duration};
use tokio::time::{interval, sleep};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, pause};

right! { flush, served:
    feeds_and_flushes,
    sends_a_stream,
    takes_an_interval,
    counts_in_seconds,
}

pub const BEAT: Duration = Duration::from_millis(500);

pub async fn feeds_and_flushes(socket: &mut WebSocket) -> Result<()> {
    for number in (1..=3).rev() {
        socket.feed(Message::text(format!("{number} "))).await?;
        socket.flush().await?;
        pause(socket, Duration::from_millis(500)).await?;
    }
    Ok(())
}

pub async fn sends_a_stream(socket: &mut WebSocket) -> Result<()> {
    let numbers = stream::iter((1..=3).rev()).then(|number| async move {
        if number < 3 {
            sleep(BEAT).await;
        }
        Ok(Message::text(format!("{number} ")))
    });
    socket.send_all(&mut pin!(numbers)).await?;
    pause(socket, BEAT).await
}

pub async fn takes_an_interval(socket: &mut WebSocket) -> Result<()> {
    let mut beat = interval(BEAT);
    for number in ["3 ", "2 ", "1 "] {
        beat.tick().await;
        socket.send(number.into()).await?;
    }
    beat.tick().await;
    Ok(())
}

pub async fn counts_in_seconds(socket: &mut WebSocket) -> Result<()> {
    let mut number = 3;
    while number > 0 {
        socket.send(Message::Text(format!("{number} ").into())).await?;
        pause(socket, Duration::from_secs_f64(0.5)).await?;
        number -= 1;
    }
    Ok(())
}
