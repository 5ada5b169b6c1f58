//! Level 5, exercise: a stop button that works even while nobody reads.
//!
//! This assistant counts to the number that it is asked for. Its model is dear, so there is only
//! one, and it serves one answer at a time, for all clients together; the others wait in line. A
//! client that stops its answer makes room for the next.
//!
//! But not if it has stopped reading, as a page does that is busy, or a telephone in a tunnel. Then
//! the server waits in `send`, and while it waits there it hears nothing, no cancel either. The
//! model is kept for nobody.
//!
//! Your task: change `answer` so that a cancel is heard at any time. Then the answer ends at once,
//! with one `done` and no word after it, and the model is free for the next client. While a client
//! reads nothing, some 16 words may wait for it, no more: then the model waits, too. A client asks
//! when its last answer has ended, not before.
//!
//!     cargo run -p level5 --bin level5_exercises_stop_button
//!     cargo test -p level5 --test exercises stop_button     (the judge)
//!
//! To try it, paste this into a browser's console (F12), and the last line a second later:
//!
//!     s = new WebSocket("ws://127.0.0.1:8765");
//!     s.onmessage = (e) => console.log(e.data);
//!     s.onopen = () => s.send('{"type":"ask","id":"q1","text":"50"}');
//!
//!     s.send('{"type":"cancel","id":"q1"}');
//!
//! What is due with a client that reads, and with one that stops reading while another waits for
//! the model. The judge also plays other clients. While a client reads nothing, nothing fits between
//! the two but the word that is being sent. In a real network there is room for megabytes.
//!
//!          0 ms  client  {"type":"ask","id":"q1","text":"100"}
//!        100 ms  server  {"type":"delta","id":"q1","seq":0,"text":"1 "}
//!        200 ms  server  {"type":"delta","id":"q1","seq":1,"text":"2 "}
//!        250 ms  client  {"type":"cancel","id":"q1"}
//!        250 ms  server  {"type":"done","id":"q1","status":"cancelled"}
//!        400 ms  client  {"type":"ask","id":"q2","text":"2"}
//!        500 ms  server  {"type":"delta","id":"q2","seq":0,"text":"1 "}
//!        600 ms  server  {"type":"delta","id":"q2","seq":1,"text":"2 "}
//!        600 ms  server  {"type":"done","id":"q2","status":"completed"}
//!        700 ms  client  close 1000
//!        700 ms  server  close 1000
//!
//! A client that stops reading, and says stop:
//!
//!          0 ms  client  {"type":"ask","id":"q1","text":"1000"}
//!        100 ms  server  {"type":"delta","id":"q1","seq":0,"text":"1 "}
//!        150 ms  client  stops reading
//!       5000 ms  client  {"type":"cancel","id":"q1"}
//!       7000 ms  client  vanishes
//!
//! At the same time, one that waits for the model:
//!
//!       1000 ms  client  {"type":"ask","id":"q1","text":"2"}
//!       5100 ms  server  {"type":"delta","id":"q1","seq":0,"text":"1 "}
//!       5200 ms  server  {"type":"delta","id":"q1","seq":1,"text":"2 "}
//!       5200 ms  server  {"type":"done","id":"q1","status":"completed"}
//!       5300 ms  client  close 1000
//!       5300 ms  server  close 1000
//!
//! Hint: `socket.split()` makes two halves. Let one loop read and another write, with a bounded
//! `mpsc` channel between the answer and the loop that writes. What reads must not wait for what
//! writes: so a task of its own makes the answer, and a `CancellationToken` tells it to stop.
//! Start over: git restore lessons/level5/exercises/stop_button.rs

use std::{pin::pin, time::Duration};

use anyhow::Result;
use futures_util::{SinkExt, Stream, StreamExt, stream};
use level5::events::{Event, Request, Status, message, parse};
use tokio::{sync::Semaphore, time::sleep};
use websocket_streaming::{Failure, WebSocket, cli, listen, next_text, serve, shutdown_signal};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let address = cli::server_address(include_str!("stop_button.rs"));
    let shutdown = shutdown_signal();
    let listener = listen(&address).await?;
    serve(listener, answer, shutdown).await;
    Ok(())
}

/// Answers one client's questions.
pub async fn answer(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        // A cancel of what is not running has crossed with the answer's end.
        let Ok(Request::Ask { id, text }) = parse(&text) else { continue };
        let mut words = pin!(count(&text).enumerate());
        let status = loop {
            tokio::select! {
                word = words.next() => match word {
                    Some((seq, text)) => {
                        let delta = Event::Delta { id: id.clone(), seq: seq as u64, text };
                        socket.send(message(&delta)).await?;
                    }
                    None => break Status::Completed,
                },
                text = next_text(socket) => match text?.map(|text| parse(&text)) {
                    Some(Ok(Request::Cancel { id: which })) if which == id => break Status::Cancelled,
                    Some(_) => {}
                    None => return Ok(()),
                },
            }
        };
        socket.send(message(&Event::Done { id, status })).await?;
    }
    todo!("let reading and writing run side by side, and put Ok(()) in place of this line")
}

/// The model: it waits for its turn, and then counts, a number each 100 ms. Its turn ends with the
/// stream, or when the stream is dropped.
fn count(text: &str) -> impl Stream<Item = String> + use<> {
    static MODEL: Semaphore = Semaphore::const_new(1);
    let last: u32 = text.parse().unwrap_or(0);
    stream::once(MODEL.acquire()).flat_map(move |turn| {
        stream::iter(1..=last).then(move |number| {
            let _kept_until_the_end = &turn;
            async move {
                sleep(Duration::from_millis(100)).await;
                format!("{number} ")
            }
        })
    })
}
