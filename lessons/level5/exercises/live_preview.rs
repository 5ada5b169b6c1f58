//! Level 5, exercise: a live preview (实时预览). Only the newest text matters.
//!
//! The client sends what has been typed so far, with each keystroke, and each time a translation
//! begins, a word every 200 ms. So far, each is made to its end, and the preview shows for seconds
//! what nobody wants any more.
//!
//! Your task: change `preview` so that each `ask` ends the translation before it, if that is still
//! running: with one `done`, cancelled, and no word after it. The new one begins at once. Every
//! `ask` gets exactly one `done`. Pings are answered at once, and a client that leaves ends the
//! work. Nobody sends a cancel here.
//!
//!     cargo run -p level5 --bin level5_exercises_live_preview
//!     cargo test -p level5 --test exercises live_preview     (the judge)
//!
//! To try it, paste this into a browser's console (F12). It types for you:
//!
//!     s = new WebSocket("ws://127.0.0.1:8765"); text = "hello world this is a test"; i = 0;
//!     s.onmessage = (e) => console.log(e.data);
//!     ask = () => s.send(JSON.stringify({ type: "ask", id: `k${i}`, text: text.slice(0, i) }));
//!     typing = setInterval(() => (i++ < text.length ? ask() : clearInterval(typing)), 150);
//!
//! What is due with a client that types slowly and then fast, and with one that closes. The judge
//! also plays other clients.
//!
//!          0 ms  client  {"type":"ask","id":"k1","text":"hello world"}
//!        200 ms  server  {"type":"delta","id":"k1","seq":0,"text":"你好 "}
//!        300 ms  client  {"type":"ask","id":"k2","text":"hello world t"}
//!        300 ms  server  {"type":"done","id":"k1","status":"cancelled"}
//!        350 ms  client  {"type":"ask","id":"k3","text":"hello world test"}
//!        350 ms  server  {"type":"done","id":"k2","status":"cancelled"}
//!        550 ms  server  {"type":"delta","id":"k3","seq":0,"text":"你好 "}
//!        750 ms  server  {"type":"delta","id":"k3","seq":1,"text":"世界 "}
//!        800 ms  client  ping "alive?"
//!        800 ms  server  pong "alive?"
//!        950 ms  server  {"type":"delta","id":"k3","seq":2,"text":"测试 "}
//!        950 ms  server  {"type":"done","id":"k3","status":"completed"}
//!       1100 ms  client  close 1000
//!       1100 ms  server  close 1000
//!
//!          0 ms  client  {"type":"ask","id":"k1","text":"this is a test"}
//!        200 ms  server  {"type":"delta","id":"k1","seq":0,"text":"这 "}
//!        300 ms  client  close 1000
//!        300 ms  server  close 1000
//!
//! Hint: wait with `tokio::select!` for the next word and the next message at once. A message that
//! comes first is the next question: drop the old words together with their wait.
//! Start over: git restore lessons/level5/exercises/live_preview.rs

use std::{pin::pin, time::Duration};

use anyhow::Result;
use futures_util::{SinkExt, Stream, StreamExt, stream};
use level5::events::{Event, Request, Status, message, parse};
use tokio::time::sleep;
use websocket_streaming::{Failure, WebSocket, cli, listen, next_text, serve, shutdown_signal};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let address = cli::server_address(include_str!("live_preview.rs"));
    let shutdown = shutdown_signal();
    let listener = listen(&address).await?;
    serve(listener, preview, shutdown).await;
    Ok(())
}

/// Translates what one client types, for as long as it types.
pub async fn preview(socket: &mut WebSocket) -> Result<()> {
    while let Some((id, text)) = next_ask(socket).await? {
        let mut words = pin!(translate(&text).enumerate());
        while let Some((seq, text)) = words.next().await {
            let delta = Event::Delta { id: id.clone(), seq: seq as u64, text };
            socket.send(message(&delta)).await?;
        }
        socket.send(message(&Event::Done { id, status: Status::Completed })).await?;
    }
    todo!("end a translation when the next is wanted, and put Ok(()) in place of this line")
}

/// The id and the text of the next `ask`; `None` once the connection is closed. Safe to cancel, as
/// `next_text` is.
async fn next_ask(socket: &mut WebSocket) -> Result<Option<(String, String)>> {
    while let Some(text) = next_text(socket).await? {
        if let Ok(Request::Ask { id, text }) = parse(&text) {
            return Ok(Some((id, text)));
        }
    }
    Ok(None)
}

fn translate(text: &str) -> impl Stream<Item = String> {
    stream::iter(text.split_whitespace()).then(async |word| {
        sleep(Duration::from_millis(200)).await;
        match word {
            "hello" => "你好 ".into(),
            "world" => "世界 ".into(),
            "this" => "这 ".into(),
            "is" => "是 ".into(),
            "a" => "一个 ".into(),
            "test" => "测试 ".into(),
            _ => format!("{word} "),
        }
    })
}
