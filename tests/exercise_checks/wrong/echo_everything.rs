use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Error, Message},
};

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
