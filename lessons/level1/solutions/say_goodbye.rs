//! A solution of `lessons/level1/exercises/say_goodbye.rs`: its `converse` and two more imports.

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

pub async fn converse<S>(mut socket: WebSocketStream<S>) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message? else { continue };
        if text.as_str() == "bye" {
            socket.send(Message::text("Goodbye!")).await?;
            let normal = CloseFrame { code: CloseCode::Normal, reason: "".into() };
            socket.close(Some(normal)).await?;
            // Not `return`: this would drop the socket, perhaps with input unread. Then the
            // kernel resets the connection, and the client may lose our last words.
            // In a server of your own, put a deadline on this: a client may never answer.
            while let Some(message) = socket.next().await {
                message?;
            }
            return Ok(());
        }
        socket.send(Message::text(format!("Echo: {text}"))).await?;
    }
    Ok(())
}
