//! Level 7, exercise: a client that comes back, and knows when to give up.
//!
//! A connection ends for many reasons. After some of them the next attempt may succeed; after others
//! it would end the same way, and a client that tries all the same, for ever, is an attack.
//!
//! Your task: complete `follow`. It connects, takes texts, and returns them with spaces between
//! them when the server ends with close code 1000. Otherwise:
//! - It comes back where that may help: nobody is there, the connection breaks without a close, a
//!   close with 1001, 1011, 1012 or 1013, a refusal with 408, 429 or any 5xx.
//! - It returns an error where it is in vain: every other close code, such as 1008 or 4401, every
//!   other refusal, such as 401 or 403, and everything else that is wrong with the server.
//! - It waits 1 s before it comes back, then 2 s, 4 s, and so on, 30 s at most. Only a text says that
//!   all is well again, and that the next wait is 1 s: a server that lets it in and fails at once
//!   would be asked once a second.
//!
//! (A real client waits by chance, up to so long: `full_jitter` of Level 6. Here the judge must know
//! when it comes. And the server knows by itself where the client was.)
//!
//!     cargo run -p level7 --bin level7_exercises_come_back
//!     cargo test -p level7 --test exercises come_back     (the judge)
//!
//! To try it, start it without a server, and then `cargo run --bin level2_stream_server` in a second
//! terminal. Stop that one in the middle of the poem, and start it again.
//!
//! What is due with a server that is away for a while, one that does not know the client any more,
//! and one that never lets it in. The judge also plays other servers.
//!
//!          0 ms  client  connects
//!        100 ms  server  "one"
//!        200 ms  server  vanishes
//!       1200 ms  client  connects
//!       1200 ms  server  is not there
//!       3200 ms  client  connects
//!       3200 ms  server  refuses with 503
//!       7200 ms  client  connects
//!       7300 ms  server  "two"
//!       7400 ms  server  close 1012
//!       7400 ms  client  close 1012
//!       8400 ms  client  connects
//!       8500 ms  server  "three"
//!       8600 ms  server  close 1000
//!       8600 ms  client  close 1000
//!       8600 ms  client  returns "one two three"
//!
//!          0 ms  client  connects
//!        100 ms  server  "one"
//!        200 ms  server  close 4401
//!        200 ms  client  close 4401
//!        200 ms  client  returns an error
//!
//!          0 ms  client  connects
//!          0 ms  server  refuses with 403
//!          0 ms  client  returns an error
//!
//! Hint: a list of what may pass is safer than a list of what may not. `status.is_server_error()` is
//! for any 5xx, `u16::from(code)` for close codes, and `Duration` has `min`.
//! Start over: git restore lessons/level7/exercises/come_back.rs

use std::time::Duration;

use anyhow::{Result, bail};
use futures_util::{StreamExt, future::BoxFuture};
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::{Error, Message, protocol::frame::coding::CloseCode};
use websocket_streaming::{
    CloseWith, ConnectError, ConnectErrorKind, Failure, WebSocket, cli, close, connect,
};

/// How to connect: over TCP here, in memory for the judge.
pub type Dial = Box<dyn Fn() -> BoxFuture<'static, Result<WebSocket, ConnectError>> + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let url = cli::server_url(include_str!("come_back.rs"));
    let dial: Dial = Box::new(move || {
        let url = url.clone();
        Box::pin(async move { connect(&url).await })
    });
    println!("{}", follow(dial).await?);
    Ok(())
}

/// How an attempt ended.
#[derive(Debug)]
#[allow(dead_code, reason = "what is in it is for you")]
enum End {
    /// There was no connection.
    NotConnected(ConnectErrorKind),
    /// The server closed it, with this code.
    Closed(CloseCode),
    /// It broke, or the server broke the protocol.
    Broken(Error),
    /// It was over without a close.
    Over,
}

/// Returns the server's texts, over as many connections as it takes.
pub async fn follow(dial: Dial) -> Result<String> {
    let mut texts = Vec::new();
    loop {
        let end = attempt(&dial, &mut texts).await;
        if matches!(end, End::Closed(CloseCode::Normal)) {
            return Ok(texts.join(" "));
        }
        let Some(wait) = next_wait(&end) else { bail!("{end:?}") };
        sleep(wait).await;
    }
}

/// How long to wait before the next attempt; `None` where that is in vain. It may need to know more.
fn next_wait(end: &End) -> Option<Duration> {
    todo!("come back where it may help, and wait longer each time: {end:?}")
}

/// One connection, from its beginning to its end.
async fn attempt(dial: &Dial, texts: &mut Vec<String>) -> End {
    let mut socket = match dial().await {
        Ok(socket) => socket,
        Err(error) => return End::NotConnected(error.kind),
    };
    let end = loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => texts.push(text.to_string()),
            Some(Ok(Message::Close(Some(frame)))) => break End::Closed(frame.code),
            Some(Ok(_)) => {}
            Some(Err(error)) => break End::Broken(error),
            None => break End::Over,
        }
    };
    // The answer to a close is only queued when it is read. This sends it.
    close(&mut socket, CloseWith::normal()).await;
    end
}
