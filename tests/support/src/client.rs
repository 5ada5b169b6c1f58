//! A client that behaves: it connects, listens, and says goodbye. Every wait has a deadline.

use futures_util::StreamExt;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, Utf8Bytes},
};
use websocket_streaming::ByteStream;

use crate::deadline::soon;

/// A client over real TCP.
pub type Client = WebSocketStream<TcpStream>;

/// Connects, and says nothing yet.
pub async fn dial(url: &str) -> TcpStream {
    let address = url.strip_prefix("ws://").expect("a ws URL");
    TcpStream::connect(address).await.expect("the server listens")
}

pub async fn connect(url: &str) -> Client {
    let handshake = soon(client_async(url, dial(url).await)).await;
    handshake.expect("the handshake succeeds").0
}

/// Waits for whatever the server says next; `None` at the end of the connection.
pub async fn next<S: ByteStream>(
    client: &mut WebSocketStream<S>,
) -> Option<Result<Message, Error>> {
    soon(client.next()).await
}

/// Waits for the next text.
pub async fn next_chunk<S: ByteStream>(client: &mut WebSocketStream<S>) -> Utf8Bytes {
    loop {
        match next(client).await {
            Some(Ok(Message::Text(chunk))) => return chunk,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            other => panic!("a chunk is due, not {other:?}"),
        }
    }
}

/// Waits for the server's Close frame, and returns its code and reason.
pub async fn next_close<S: ByteStream>(client: &mut WebSocketStream<S>) -> (u16, Utf8Bytes) {
    loop {
        match next(client).await {
            Some(Ok(Message::Close(Some(close)))) => return (close.code.into(), close.reason),
            Some(Ok(_)) => {}
            other => panic!("a close is due, not {other:?}"),
        }
    }
}

/// Says goodbye, and waits for the server's.
pub async fn leave<S: ByteStream>(mut client: WebSocketStream<S>) {
    client.close(None).await.expect("the close can be sent");
    let (_messages, error) = read_all(&mut client).await;
    assert!(error.is_none(), "the server answers the close: {error:?}");
}

/// Everything that comes until the connection ends: the messages, and the error if there is one.
pub async fn read_all<S: ByteStream>(
    client: &mut WebSocketStream<S>,
) -> (Vec<Message>, Option<Error>) {
    let mut messages = Vec::new();
    while let Some(message) = next(client).await {
        match message {
            Ok(message) => messages.push(message),
            Err(error) => return (messages, Some(error)),
        }
    }
    (messages, None)
}
