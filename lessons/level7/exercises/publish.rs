//! Level 7, exercise: publish so that every line is kept, and none twice.
//!
//! A line that was sent has perhaps arrived. Only the answer says that it is kept. When the
//! connection is lost before the answer, nobody knows what was lost: the line, or the answer. So the
//! line is sent again, with the same id. A server that has it sends the same answer again, and keeps
//! nothing twice.
//!
//! Your task: change `publish`.
//! - On each connection it sends, at once and in order, the lines of `LIST` that have no answer yet.
//!   Their ids are `ada-1`, `ada-2` and `ada-3`, on every connection.
//! - An answer names its line by the id. It may come in another order, and more than once.
//! - Where there is no connection, or it ends, whatever the reason, it connects again 1 s later. (When
//!   to give up is another exercise, `come_back`.)
//! - When each line has its answer, it says goodbye, and returns the numbers in the order of `LIST`.
//! - An `error` with `"again":true` says that a line is not kept now, and will not be answered again.
//!   Then it says goodbye, and connects again 1 s later.
//!
//! Other answers, such as a `notice`, are dropped.
//!
//!     cargo run -p level7 --bin live_server
//!     cargo run -p level7 --bin level7_exercises_publish     (in a second terminal)
//!     cargo test -p level7 --test exercises publish          (the judge)
//!
//! Once it is right, run it twice within two minutes. What does a reader see the second time?
//!
//! What is due with a server that is well, and one that fails twice: at first before it has the
//! third line, and then after it, before its answer is out. The judge also plays other servers.
//!
//!          0 ms  client  connects
//!          0 ms  client  {"type":"publish","id":"ada-1","text":"bread"}
//!          0 ms  client  {"type":"publish","id":"ada-2","text":"milk"}
//!          0 ms  client  {"type":"publish","id":"ada-3","text":"tea"}
//!         50 ms  server  {"type":"published","id":"ada-1","seq":7}
//!         60 ms  server  {"type":"published","id":"ada-2","seq":8}
//!         70 ms  server  {"type":"published","id":"ada-3","seq":9}
//!         70 ms  client  close 1000
//!         80 ms  server  close 1000
//!         80 ms  client  returns "7 8 9"
//!
//!          0 ms  client  connects
//!          0 ms  client  {"type":"publish","id":"ada-1","text":"bread"}
//!          0 ms  client  {"type":"publish","id":"ada-2","text":"milk"}
//!          0 ms  client  {"type":"publish","id":"ada-3","text":"tea"}
//!         50 ms  server  {"type":"published","id":"ada-1","seq":7}
//!         60 ms  server  vanishes
//!       1060 ms  client  connects
//!       1060 ms  client  {"type":"publish","id":"ada-2","text":"milk"}
//!       1060 ms  client  {"type":"publish","id":"ada-3","text":"tea"}
//!       1100 ms  server  {"type":"published","id":"ada-2","seq":8}
//!       1110 ms  server  vanishes
//!       2110 ms  client  connects
//!       2110 ms  client  {"type":"publish","id":"ada-3","text":"tea"}
//!       2150 ms  server  {"type":"published","id":"ada-3","seq":9}
//!       2150 ms  client  close 1000
//!       2160 ms  server  close 1000
//!       2160 ms  client  returns "7 8 9"
//!
//! Hint: the lines and their numbers outlive the connection, so they are made before it: an
//! `[Option<u64>; 3]` will do. Let one function do what one connection is for, and a loop call it.
//! Start over: git restore lessons/level7/exercises/publish.rs

use anyhow::Result;
use futures_util::{SinkExt, future::BoxFuture};
use level7::{Answer, Request};
use websocket_streaming::{
    CloseWith, ConnectError, Failure, WebSocket, cli, close, connect, next_text,
};

const LIST: [&str; 3] = ["bread", "milk", "tea"];

/// How to connect: over TCP here, in memory for the judge.
pub type Dial = Box<dyn Fn() -> BoxFuture<'static, Result<WebSocket, ConnectError>> + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let url = cli::server_url(include_str!("publish.rs"));
    let dial: Dial = Box::new(move || {
        let url = url.clone();
        Box::pin(async move { connect(&url).await })
    });
    println!("Kept as lines {}", publish(dial).await?);
    Ok(())
}

/// Publishes the list, each line once, over as many connections as it takes.
pub async fn publish(dial: Dial) -> Result<String> {
    let mut socket = dial().await?;
    for (number, text) in (1..).zip(LIST) {
        let line = Request::Publish { id: format!("ada-{number}"), text: text.into() };
        socket.send(line.encode()).await?;
    }
    let mut numbers = Vec::new();
    while numbers.len() < LIST.len() {
        let Some(text) = next_text(&mut socket).await? else {
            todo!("the connection is lost, and with it a line, or an answer");
        };
        if let Answer::Published { seq, .. } = serde_json::from_str(&text)? {
            numbers.push(seq.to_string());
        }
    }
    close(&mut socket, CloseWith::normal()).await;
    Ok(numbers.join(" "))
}
