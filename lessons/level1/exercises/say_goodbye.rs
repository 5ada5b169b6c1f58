//! Level 1, exercise: a server that knows how to leave.
//!
//! Your task: complete `converse`. On the text `bye`, and on no other, the server sends `Goodbye!`,
//! then a Close frame with code 1000. It leaves only when the client's Close frame has come, which
//! may take a while. What else comes until then gets no answer.
//!
//!     cargo run --bin level1_exercises_say_goodbye
//!     cargo test --test exercises say_goodbye     (the judge)
//!
//! To try it, paste this into a browser's console (F12):
//!
//!     s = new WebSocket("ws://127.0.0.1:8765");
//!     s.onmessage = (e) => console.log(e.data);
//!     s.onclose = (e) => console.log("closed", e.code, e.wasClean);
//!     s.onopen = () => s.send("bye");
//!
//! What is due when the server is told to leave, and when the client leaves by itself. The judge
//! also plays other clients.
//!
//!          0 ms  client  "Hello"
//!          0 ms  server  "Echo: Hello"
//!        100 ms  client  "bye"
//!        100 ms  server  "Goodbye!"
//!        100 ms  server  close 1000
//!        300 ms  client  close 1000
//!
//!          0 ms  client  "Hello"
//!          0 ms  server  "Echo: Hello"
//!        100 ms  client  close 1000
//!        100 ms  server  close 1000
//!
//! Hint: `socket.close(…)` sends the Close frame and does not wait for the other one. The end of
//! `lessons/level1/echo_client.rs` does both.
//! Start over: git restore lessons/level1/exercises/say_goodbye.rs

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
            let conversation = async { converse(accept_async(stream).await?).await };
            if let Err(error) = conversation.await {
                eprintln!("a connection ended early: {error}");
            }
        });
    }
}

/// Speaks with one client until one of the two says goodbye.
// `S` is what the WebSocket runs over: TCP here, memory in the check.
pub async fn converse<S>(mut socket: WebSocketStream<S>) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message? else { continue };
        if text.as_str() == "bye" {
            todo!("say `Goodbye!`, send a Close frame with code 1000, wait for the client's");
        }
        socket.send(Message::text(format!("Echo: {text}"))).await?;
    }
    Ok(())
}
