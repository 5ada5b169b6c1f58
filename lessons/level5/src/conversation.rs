//! One connection: questions come in, the words of several answers go out, and neither waits for
//! the other.

use std::time::Duration;

use anyhow::Result;
use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use tokio::{sync::mpsc, task::yield_now, time::timeout};
use tokio_tungstenite::tungstenite::{self, Message, protocol::frame::coding::CloseCode};
use websocket_streaming::{CloseWith, WebSocket};

use crate::{
    answerer::Answerer,
    answers::Answers,
    events::{Event, message},
};

/// How many events may wait to be written. Only when there is a place is anybody asked for a word,
/// so that an answerer is never faster than the client: that is backpressure.
const PLACES: usize = 8;

/// How long a client may take to read what fills the buffers between us: 30 s.
const SEND_DEADLINE: Duration = Duration::from_secs(30);

// ANCHOR: converse
/// Lets `answerer` speak with one client, until it leaves.
///
/// Reading never waits for writing. So a cancel is seen, and a ping is answered, even while the
/// client reads nothing. Whichever of the two ends first takes the other with it, and with it all
/// the answers.
pub async fn converse(socket: &mut WebSocket, answerer: Box<dyn Answerer>) -> Result<()> {
    let (writer, reader) = socket.split();
    let (outbox, events) = mpsc::channel(PLACES);
    tokio::select! {
        // They share a turn on the thread. A client that never stops talking would fill it with
        // reading, and so writing comes first: it ends when the few places are empty.
        biased;
        outcome = write(writer, events) => outcome,
        outcome = read(reader, Answers::by(answerer), outbox) => outcome,
    }
}
// ANCHOR_END: converse

// ANCHOR: read
/// Takes requests in, and hands events on as places become free.
async fn read(
    mut reader: SplitStream<&mut WebSocket>,
    mut answers: Answers,
    outbox: mpsc::Sender<Event>,
) -> Result<()> {
    loop {
        // First a place, and then the word for it. Dropped half-way, it has taken no word.
        let hand_on = async { (outbox.reserve().await, answers.next().await) };
        tokio::select! {
            biased;
            (place, event) = hand_on => place?.send(event),
            message = reader.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    answers.take(&text)?;
                    // A flood of requests leaves the thread to their answers in between.
                    if answers.has_waiting() {
                        yield_now().await;
                    }
                }
                Some(Ok(Message::Binary(_))) => {
                    let reason = "binary message: only text is understood here";
                    return Err(CloseWith::new(CloseCode::Unsupported, reason).into());
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Close(_))) | None => return Ok(()),
                Some(Err(error)) => return Err(error.into()),
            },
        }
    }
}
// ANCHOR_END: read

// ANCHOR: write
/// Sends the events, in order; ends only when the client is gone, or reads nothing.
async fn write(
    mut writer: SplitSink<&mut WebSocket, Message>,
    mut events: mpsc::Receiver<Event>,
) -> Result<()> {
    while let Some(event) = events.recv().await {
        in_time(writer.feed(message(&event))).await?;
        // What waits already goes along, in one write to the system. Where words come faster than
        // they are read there is always more: so each has a deadline of its own.
        while let Ok(event) = events.try_recv() {
            in_time(writer.feed(message(&event))).await?;
        }
        in_time(writer.flush()).await?;
    }
    Ok(())
}

async fn in_time(sending: impl Future<Output = Result<(), tungstenite::Error>>) -> Result<()> {
    match timeout(SEND_DEADLINE, sending).await {
        Ok(sent) => Ok(sent?),
        // 1013 is "try again later".
        Err(_elapsed) => Err(CloseWith::new(CloseCode::Again, "you read nothing").into()),
    }
}
// ANCHOR_END: write
