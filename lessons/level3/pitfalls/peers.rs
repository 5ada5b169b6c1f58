//! Both ends of one connection in one program, so that one timeline can show them both.

use std::time::Duration;

use anyhow::Result;
use futures_util::StreamExt;
use tokio::{net::TcpListener, time::timeout};
use tokio_tungstenite::{
    accept_async_with_config,
    tungstenite::{Message, Utf8Bytes},
};
use websocket_streaming::{ByteStream, CloseWith, WebSocket, close, config, connect};

use crate::timeline::Timeline;

/// How long a client waits for the next message. On this machine a message takes 1 ms at most.
const PATIENCE: Duration = Duration::from_secs(1);

/// Connects a server and a client, lets both act at the same time, and then closes the connection.
pub async fn act(
    title: &str,
    server: impl AsyncFnOnce(&mut WebSocket, Timeline) -> Result<()>,
    client: impl AsyncFnOnce(&mut WebSocket, Timeline),
) -> Result<()> {
    let (mut near, mut far) = connected().await?;
    let timeline = Timeline::start(title);
    let (outcome, ()) = tokio::join!(server(&mut near, timeline), client(&mut far, timeline));
    tokio::join!(close(&mut near, CloseWith::normal()), close(&mut far, CloseWith::normal()));
    outcome
}

/// The two ends of a new connection over real TCP: the server's and the client's.
pub async fn connected() -> Result<(WebSocket, WebSocket)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}", listener.local_addr()?);
    let server = async {
        let (stream, _peer) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let stream: Box<dyn ByteStream> = Box::new(stream);
        anyhow::Ok(accept_async_with_config(stream, Some(config())).await?)
    };
    let client = async { anyhow::Ok(connect(&url).await?) };
    tokio::try_join!(server, client)
}

/// Waits for whatever comes next, and notes it. `None`: it was not text, or nothing came in time.
pub async fn hear(socket: &mut WebSocket, timeline: Timeline) -> Option<Utf8Bytes> {
    let what = match timeout(PATIENCE, socket.next()).await {
        Ok(Some(Ok(Message::Text(text)))) => {
            timeline.note("client", format!("receives {:?}", text.as_str()));
            return Some(text);
        }
        Ok(Some(Ok(Message::Close(Some(frame))))) => {
            format!("receives close {}", u16::from(frame.code))
        }
        Ok(Some(Ok(other))) => format!("receives {other:?}"),
        Ok(Some(Err(error))) => format!("fails: {error}"),
        Ok(None) => "finds the connection closed".to_string(),
        Err(_elapsed) => format!("has heard nothing for {} s", PATIENCE.as_secs()),
    };
    timeline.note("client", what);
    None
}
