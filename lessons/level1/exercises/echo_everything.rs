//! Level 1, exercise: an echo that ignores nothing it should answer.
//!
//! Your task: complete `echo`. A text is answered as in the lesson, an empty one too. A binary
//! message is sent back unchanged. Pings and closes get their answer without you.
//!
//!     cargo run --bin level1_exercises_echo_everything
//!     cargo run --bin level1_echo_client                  (in a second terminal)
//!     cargo test --test exercises echo_everything         (the judge)
//!
//! What is due. The judge also plays other clients.
//!
//!          0 ms  client  "Hello"
//!          0 ms  server  "Echo: Hello"
//!        100 ms  client  ""
//!        100 ms  server  "Echo: "
//!        200 ms  client  binary 01 02 03
//!        200 ms  server  binary 01 02 03
//!        300 ms  client  ping "alive?"
//!        300 ms  server  pong "alive?"
//!        400 ms  client  close 1000
//!        400 ms  server  close 1000
//!
//! Hint: `Message` is an enum; its documentation lists the variants. A `match` sees them all.
//! Start over: git restore lessons/level1/exercises/echo_everything.rs

use std::{env, io, time::Duration};

use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    time::sleep,
};
use tokio_tungstenite::{
    WebSocketStream, accept_async,
    tungstenite::{Error, Message},
};

#[tokio::main]
async fn main() -> Result<(), io::Error> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:8765".into());
    let listener = TcpListener::bind(&address).await?;
    println!("Listening on ws://{}", listener.local_addr()?);

    loop {
        let Ok((stream, _peer)) = listener.accept().await else {
            sleep(Duration::from_secs(1)).await;
            continue;
        };
        tokio::spawn(async move {
            let conversation = async { echo(accept_async(stream).await?).await };
            if let Err(error) = conversation.await {
                eprintln!("a connection ended early: {error}");
            }
        });
    }
}

/// Speaks with one client until it leaves.
// `S` is what the WebSocket runs over: TCP here, memory in the check.
pub async fn echo<S>(mut socket: WebSocketStream<S>) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) => socket.send(Message::text(format!("Echo: {text}"))).await?,
            other => todo!("which of the others wants an answer? This one came: {other:?}"),
        }
    }
    Ok(())
}
