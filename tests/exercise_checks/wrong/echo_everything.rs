use crate::right::echo_everything::Socket;
use futures_util::{SinkExt, StreamExt};
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Mutex,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Error, Message},
};

mistakes! { echo_everything, bare:
    ignores_binary => "Nothing came in time; due was: server binary 01 02 03",
    ignores_empty_texts => "Nothing came in time; due was: server \"Echo: \" at 100 ms",
    takes_everything_for_text => "This is too much: server \"Echo: alive?\" at 300 ms was not due",
    echoes_binary_as_text => "came, where binary 01 02 03 was due",
    leaves_the_loop_on_close => "The answer to a close is only queued",
    panics_on_what_it_does_not_know => "panicked at tests/exercise_checks/wrong/echo_everything.rs",
    sends_pongs_by_hand => "a `Message::Pong` by hand",
    answers_a_ping_with_an_empty_pong => "pong \"alive?\" was due",
    knows_the_words_of_the_header_alone => "The judge also plays others",
    closes_after_the_tenth_message => "Too early an end",
    says_farewell => "that is no error",
    answers_a_pong => "was not due",
    trims_what_it_echoes => "came, where",
    takes_one_client_at_a_time => "the work for another client",
    drops_the_same_text_twice => "The judge also plays others",
    echoes_one_byte_for_all => "The judge also plays others",
    treats_bytes_as_utf8 => "The judge also plays others",
    remembers_whether_it_has_closed => "The judge also plays others",
}

pub async fn ignores_binary<S>(mut socket: WebSocketStream<S>) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = socket.next().await {
        if let Message::Text(text) = message? {
            socket.send(Message::text(format!("Echo: {text}"))).await?;
        }
    }
    Ok(())
}

pub async fn ignores_empty_texts<S>(mut socket: WebSocketStream<S>) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) if text.is_empty() => {}
            Message::Text(text) => socket.send(Message::text(format!("Echo: {text}"))).await?,
            Message::Binary(bytes) => socket.send(Message::Binary(bytes)).await?,
            _ => {}
        }
    }
    Ok(())
}

/// `to_text` succeeds on a ping, too.
pub async fn takes_everything_for_text<S>(mut socket: WebSocketStream<S>) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = socket.next().await {
        let message = message?;
        match message {
            Message::Binary(bytes) => socket.send(Message::Binary(bytes)).await?,
            other => socket.send(Message::text(format!("Echo: {}", other.to_text()?))).await?,
        }
    }
    Ok(())
}

pub async fn echoes_binary_as_text<S>(mut socket: WebSocketStream<S>) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) => socket.send(Message::text(format!("Echo: {text}"))).await?,
            Message::Binary(bytes) => {
                socket.send(Message::text(format!("Echo: {bytes:?}"))).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

pub async fn leaves_the_loop_on_close<S>(mut socket: WebSocketStream<S>) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) => socket.send(Message::text(format!("Echo: {text}"))).await?,
            Message::Binary(bytes) => socket.send(Message::Binary(bytes)).await?,
            Message::Close(_) => break,
            _ => {}
        }
    }
    Ok(())
}

pub async fn panics_on_what_it_does_not_know<S>(mut socket: WebSocketStream<S>) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) => socket.send(Message::text(format!("Echo: {text}"))).await?,
            Message::Binary(bytes) => socket.send(Message::Binary(bytes)).await?,
            _ => panic!("only text and binary come here"),
        }
    }
    Ok(())
}

/// Tungstenite has its answer ready by then. This one only takes its place.
pub async fn sends_pongs_by_hand(mut socket: Socket) -> Result<(), Error> {
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) => socket.send(Message::text(format!("Echo: {text}"))).await?,
            Message::Binary(bytes) => socket.send(Message::Binary(bytes)).await?,
            Message::Ping(payload) => socket.send(Message::Pong(payload)).await?,
            _ => {}
        }
    }
    Ok(())
}

pub async fn answers_a_ping_with_an_empty_pong(mut socket: Socket) -> Result<(), Error> {
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) => socket.send(Message::text(format!("Echo: {text}"))).await?,
            Message::Binary(bytes) => socket.send(Message::Binary(bytes)).await?,
            Message::Ping(_) => socket.send(Message::Pong(Default::default())).await?,
            _ => {}
        }
    }
    Ok(())
}

pub async fn knows_the_words_of_the_header_alone(mut socket: Socket) -> Result<(), Error> {
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) if text.is_empty() => socket.send("Echo: ".into()).await?,
            Message::Text(_) => socket.send("Echo: Hello".into()).await?,
            Message::Binary(_) => socket.send(Message::binary(vec![1, 2, 3])).await?,
            _ => {}
        }
    }
    Ok(())
}

pub async fn closes_after_the_tenth_message(mut socket: Socket) -> Result<(), Error> {
    let mut count = 0;
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) => socket.send(Message::text(format!("Echo: {text}"))).await?,
            Message::Binary(bytes) => socket.send(Message::Binary(bytes)).await?,
            _ => {}
        }
        count += 1;
        if count == 10 {
            socket.close(None).await?;
        }
    }
    Ok(())
}

pub async fn says_farewell(mut socket: Socket) -> Result<(), Error> {
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) => socket.send(Message::text(format!("Echo: {text}"))).await?,
            Message::Binary(bytes) => socket.send(Message::Binary(bytes)).await?,
            _ => {}
        }
    }
    socket.send(Message::text("Bye!")).await
}

pub async fn answers_a_pong(mut socket: Socket) -> Result<(), Error> {
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) => socket.send(Message::text(format!("Echo: {text}"))).await?,
            Message::Binary(bytes) => socket.send(Message::Binary(bytes)).await?,
            Message::Pong(bytes) => socket.send(Message::Binary(bytes)).await?,
            _ => {}
        }
    }
    Ok(())
}

pub async fn trims_what_it_echoes(mut socket: Socket) -> Result<(), Error> {
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) => {
                socket.send(Message::text(format!("Echo: {}", text.trim()))).await?;
            }
            Message::Binary(bytes) => socket.send(Message::Binary(bytes)).await?,
            _ => {}
        }
    }
    Ok(())
}

pub async fn takes_one_client_at_a_time(mut socket: Socket) -> Result<(), Error> {
    static ONE: Mutex<()> = Mutex::const_new(());
    let _one = ONE.lock().await;
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) => socket.send(Message::text(format!("Echo: {text}"))).await?,
            Message::Binary(bytes) => socket.send(Message::Binary(bytes)).await?,
            _ => {}
        }
    }
    Ok(())
}

pub async fn drops_the_same_text_twice(mut socket: Socket) -> Result<(), Error> {
    let mut last = None;
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) if last.as_ref() == Some(&text) => {}
            Message::Text(text) => {
                socket.send(Message::text(format!("Echo: {text}"))).await?;
                last = Some(text);
            }
            Message::Binary(bytes) => socket.send(Message::Binary(bytes)).await?,
            _ => {}
        }
    }
    Ok(())
}

pub async fn echoes_one_byte_for_all(mut socket: Socket) -> Result<(), Error> {
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) => socket.send(Message::text(format!("Echo: {text}"))).await?,
            Message::Binary(bytes) => {
                let more: Vec<u8> = (bytes[0]..).take(bytes.len()).collect();
                socket.send(Message::binary(more)).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

pub async fn treats_bytes_as_utf8(mut socket: Socket) -> Result<(), Error> {
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) => socket.send(Message::text(format!("Echo: {text}"))).await?,
            Message::Binary(bytes) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                socket.send(Message::binary(text)).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

pub async fn remembers_whether_it_has_closed(mut socket: Socket) -> Result<(), Error> {
    static CLOSED: AtomicBool = AtomicBool::new(false);
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) if !CLOSED.load(Ordering::Relaxed) => {
                socket.send(Message::text(format!("Echo: {text}"))).await?;
            }
            Message::Binary(bytes) => socket.send(Message::Binary(bytes)).await?,
            Message::Close(_) => CLOSED.store(true, Ordering::Relaxed),
            _ => {}
        }
    }
    Ok(())
}
