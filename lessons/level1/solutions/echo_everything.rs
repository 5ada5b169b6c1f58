//! A solution of `lessons/level1/exercises/echo_everything.rs`: its `echo`, nothing else changes.

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Error, Message},
};

pub async fn echo<S>(mut socket: WebSocketStream<S>) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) => socket.send(Message::text(format!("Echo: {text}"))).await?,
            Message::Binary(bytes) => socket.send(Message::Binary(bytes)).await?,
            // Named one by one, not as `_`: if the crate ever adds a kind of message, the compiler
            // asks what to do with it. No `break` at the close: the loop's next turn answers it.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {}
        }
    }
    Ok(())
}
