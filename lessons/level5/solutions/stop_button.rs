//! A solution of `lessons/level5/exercises/stop_button.rs`: its `answer`, and what that calls.

use std::{pin::pin, time::Duration};

use anyhow::Result;
use futures_util::{SinkExt, Stream, StreamExt, stream};
use level5::events::{Event, Request, Status, message, parse};
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
    time::sleep,
};
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;
use websocket_streaming::WebSocket;

/// How many events may wait for a client that reads slowly.
const WAITING: usize = 16;

pub async fn answer(socket: &mut WebSocket) -> Result<()> {
    let (mut writer, mut reader) = socket.split();
    let (events, mut queue) = mpsc::channel(WAITING);
    // Waits in `send` for as long as it must, and nobody waits for it.
    let write = async {
        while let Some(event) = queue.recv().await {
            writer.send(message(&event)).await?;
        }
        Ok(())
    };
    // Hears everything, because nothing that it waits for depends on the client's reading.
    let read = async {
        // All answers end with this set, and so when the client leaves.
        let mut answers = JoinSet::new();
        let mut running = (String::new(), CancellationToken::new());
        while let Some(received) = reader.next().await {
            let Message::Text(text) = received? else { continue };
            match parse(&text) {
                Ok(Request::Ask { id, text }) => {
                    // The set keeps those that have ended until somebody asks for them.
                    while answers.try_join_next().is_some() {}
                    running = (id.clone(), CancellationToken::new());
                    answers.spawn(speak(id, text, running.1.clone(), events.clone()));
                }
                Ok(Request::Cancel { id }) if id == running.0 => running.1.cancel(),
                // It has crossed with the answer's end, or is nothing that we know.
                _ => {}
            }
        }
        Ok(())
    };
    // Whichever ends first ends the other: without reading or without writing there is no answer.
    tokio::select! {
        ended = read => ended,
        ended = write => ended,
    }
}

/// One answer. It has one end, because only this function sends it, as the last thing it does.
async fn speak(id: String, text: String, stop: CancellationToken, events: mpsc::Sender<Event>) {
    let words = async {
        let mut words = pin!(count(&text).enumerate());
        while let Some((seq, text)) = words.next().await {
            let delta = Event::Delta { id: id.clone(), seq: seq as u64, text };
            // Waits while the queue is full, and with it the model.
            if events.send(delta).await.is_err() {
                break;
            }
        }
    };
    // Dropping `words` frees the model, also where it waits for room in the queue.
    let status = tokio::select! {
        () = stop.cancelled() => Status::Cancelled,
        () = words => Status::Completed,
    };
    let _ = events.send(Event::Done { id, status }).await;
}

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
