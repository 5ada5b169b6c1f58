//! Notes 5 to 10: one socket, and all that is to be said and heard on it.

use std::time::Duration;

use anyhow::{Context, Result};
use futures_util::{SinkExt, StreamExt, stream::SplitSink};
use support::{
    client::read_all,
    connection::in_memory,
    deadline::{never, soon},
};
use tokio::{
    sync::{Mutex, mpsc},
    time::{Instant, sleep, timeout},
};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message, protocol::CloseFrame};
use websocket_streaming::{WebSocket, next_text, pause};

use crate::assert_chapter_names;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

// ANCHOR: note_5
/// Wrong: whoever wants to speak waits for whoever is speaking, however long that takes.
async fn say(writer: &Mutex<SplitSink<WebSocket, Message>>, message: Message) -> Result<(), Error> {
    writer.lock().await.send(message).await
}

/// Right: one task owns the sink. Whoever wants to speak holds a clone of the queue's `Sender`.
async fn write_all(
    mut sink: SplitSink<WebSocket, Message>,
    mut queue: mpsc::Receiver<Message>,
) -> Result<(), Error> {
    while let Some(message) = queue.recv().await {
        sink.send(message).await?;
    }
    // All the senders are gone: nobody has anything more to say.
    sink.close().await
}
// ANCHOR_END: note_5

#[tokio::test(start_paused = true)]
async fn with_a_mutex_all_wait_for_the_slow_client_and_with_a_writer_task_nobody_does() {
    let long = Message::text("x".repeat(100_000));
    let short = Message::text("only a word");

    let (near, far) = in_memory(1024).await;
    let (sink, _incoming) = near.split();
    let writer = Mutex::new(sink);
    let another = async {
        sleep(SECOND).await;
        say(&writer, short.clone()).await
    };
    never(MINUTE, async { tokio::try_join!(say(&writer, long.clone()), another) }).await;
    assert!(writer.try_lock().is_ok(), "it is free again once the speakers are dropped");
    drop(far);

    let (near, mut far) = in_memory(1024).await;
    let (sink, incoming) = near.split();
    let (tell, queue) = mpsc::channel(4);
    let another = tell.clone();
    let writer = tokio::spawn(write_all(sink, queue));
    let _reader = tokio::spawn(incoming.for_each(async |_message| {}));
    let start = Instant::now();
    tell.send(long.clone()).await.expect("the writer is there");
    sleep(SECOND).await;
    another.send(short.clone()).await.expect("the writer is there");
    assert_eq!(start.elapsed(), SECOND, "neither has waited for the client");

    drop((tell, another));
    let (messages, error) = read_all(&mut far).await;
    assert_eq!(messages, [long, short, Message::Close(None)]);
    assert!(error.is_none(), "{error:?}");
    soon(writer).await.expect("no panic").expect("no error");
}

// ANCHOR: note_6
/// Wrong: while `send` waits for a client that does not read, nobody waits for its "stop".
async fn stream_in_one_loop(socket: &mut WebSocket) -> Result<()> {
    loop {
        tokio::select! {
            chunk = next_chunk() => socket.send(chunk).await?,
            text = next_text(socket) => match text?.as_deref() {
                Some("stop") | None => return Ok(()),
                Some(_) => {}
            },
        }
    }
}

/// Right: two loops, both awaited at all times. The first one to end ends the other.
async fn stream_in_two_loops(socket: &mut WebSocket) -> Result<()> {
    let (mut sink, mut incoming) = socket.split();
    let write = async {
        loop {
            sink.send(next_chunk().await).await?;
        }
    };
    let read = async {
        while let Some(message) = incoming.next().await {
            if matches!(message?, Message::Text(text) if text == "stop") {
                break;
            }
        }
        Ok(())
    };
    tokio::select! { outcome = write => outcome, outcome = read => outcome }
}
// ANCHOR_END: note_6

async fn next_chunk() -> Message {
    sleep(Duration::from_millis(100)).await;
    Message::text("x".repeat(10_000))
}

#[tokio::test(start_paused = true)]
async fn a_send_in_the_body_of_a_select_never_sees_the_stop_and_a_second_loop_does() {
    let stop_after_5_s = async |far: &mut WebSocket| {
        sleep(5 * SECOND).await;
        far.send(Message::text("stop")).await
    };

    let (mut near, mut far) = in_memory(64 * 1024).await;
    let both = async { tokio::join!(stream_in_one_loop(&mut near), stop_after_5_s(&mut far)) };
    never(MINUTE, both).await;

    let (mut near, mut far) = in_memory(64 * 1024).await;
    let start = Instant::now();
    let both = async { tokio::join!(stream_in_two_loops(&mut near), stop_after_5_s(&mut far)) };
    let (streamed, stopped) = soon(both).await;
    streamed.expect("the stop is heard");
    stopped.expect("the stop is sent");
    assert_eq!(start.elapsed(), 5 * SECOND);
}

// The wrong and the right way of note 7 are in lessons/level3/pitfalls/feed_without_flush.rs.
#[tokio::test(start_paused = true)]
async fn what_is_fed_and_not_flushed_never_arrives_however_much_the_server_reads() {
    let (mut near, mut far) = in_memory(1024).await;
    near.feed(Message::text("one")).await.expect("it succeeds");
    for _ in 0..10 {
        far.send(Message::text("hello?")).await.expect("the server is there");
        soon(near.next()).await.expect("a message").expect("no error");
        never(SECOND, near.next()).await;
        never(SECOND, far.next()).await;
    }

    near.flush().await.expect("the client is there");
    let message = soon(far.next()).await.expect("a message").expect("no error");
    assert_eq!(message, Message::text("one"));
}

// ANCHOR: note_8
/// Wrong: only sends. A Ping waits in the socket, unread, and so does the client's Close frame.
async fn tick_and_sleep(socket: &mut WebSocket) -> Result<()> {
    for tick in 1..=100 {
        socket.send(Message::text(format!("Tick {tick}"))).await?;
        sleep(SECOND).await;
    }
    Ok(())
}

/// Right: reads while it waits. Reading is what answers a Ping.
async fn tick_and_pause(socket: &mut WebSocket) -> Result<()> {
    for tick in 1..=100 {
        socket.send(Message::text(format!("Tick {tick}"))).await?;
        pause(socket, SECOND).await?;
    }
    Ok(())
}
// ANCHOR_END: note_8

/// Whether the server answers a ping within a minute.
async fn is_answered(server: impl AsyncFnOnce(&mut WebSocket) -> Result<()>) -> bool {
    let (mut near, mut far) = in_memory(64 * 1024).await;
    let ping_and_listen = async {
        let ping = Message::Ping(Bytes::from_static(b"alive?"));
        far.send(ping).await.expect("the server is there");
        while let Some(message) = far.next().await {
            if message.expect("no error").is_pong() {
                break;
            }
        }
    };
    tokio::select! {
        () = ping_and_listen => true,
        () = sleep(MINUTE) => false,
        ended = server(&mut near) => panic!("it ticks for longer than that: {ended:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_only_sends_answers_no_ping_and_one_that_reads_meanwhile_does() {
    assert!(!is_answered(tick_and_sleep).await);
    assert!(is_answered(tick_and_pause).await);
}

// ANCHOR: note_9
/// Wrong: the message of a `send` that was given up may be in the write buffer, and will leave.
async fn relay_and_retry(socket: &mut WebSocket, mut queue: mpsc::Receiver<Message>) -> Result<()> {
    while let Some(message) = queue.recv().await {
        while timeout(SECOND, socket.send(message.clone())).await.is_err() {}
    }
    Ok(())
}

/// Right: no second try. A client that takes nothing for so long has lost its connection.
async fn relay_or_give_up(
    socket: &mut WebSocket,
    mut queue: mpsc::Receiver<Message>,
) -> Result<()> {
    while let Some(message) = queue.recv().await {
        timeout(30 * SECOND, socket.send(message)).await.context("the client is too slow")??;
    }
    Ok(())
}
// ANCHOR_END: note_9

/// How often a message arrives at a client that reads nothing for `idle`, and how the relay ends.
async fn deliveries(
    relay: impl AsyncFnOnce(&mut WebSocket, mpsc::Receiver<Message>) -> Result<()>,
    idle: Duration,
) -> (usize, Result<()>) {
    let message = Message::text("Pay 100 euros. ".repeat(1000));
    let (mut near, mut far) = in_memory(1024).await;
    let (tell, queue) = mpsc::channel(4);
    tell.send(message.clone()).await.expect("the queue is there");
    drop(tell);
    let server = async {
        let outcome = relay(&mut near, queue).await;
        drop(near);
        outcome
    };
    let client = async {
        sleep(idle).await;
        read_all(&mut far).await.0.iter().filter(|heard| **heard == message).count()
    };
    let (outcome, count) = tokio::join!(server, client);
    (count, outcome)
}

#[tokio::test(start_paused = true)]
async fn a_send_that_is_given_up_and_repeated_arrives_more_than_once() {
    let (count, outcome) = deliveries(relay_and_retry, Duration::from_millis(2500)).await;
    assert_eq!(count, 3, "once for each try");
    outcome.expect("no error");

    let (count, outcome) = deliveries(relay_or_give_up, Duration::from_millis(2500)).await;
    assert_eq!(count, 1);
    outcome.expect("no error");

    let (count, outcome) = deliveries(relay_or_give_up, MINUTE).await;
    assert_eq!(count, 0);
    let error = outcome.expect_err("it gives up");
    assert_eq!(error.to_string(), "the client is too slow");
}

// ANCHOR: note_10
/// Wrong: `to_text` succeeds on a Ping and on a Close frame, too.
async fn note_everything(mut socket: WebSocket) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    while let Some(message) = socket.next().await {
        notes.push(message?.to_text()?.to_string());
    }
    Ok(notes)
}

/// Right: the kind of a message decides.
async fn note_text(mut socket: WebSocket) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) => notes.push(text.to_string()),
            Message::Binary(_) => anyhow::bail!("only text is understood here"),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {}
        }
    }
    Ok(notes)
}
// ANCHOR_END: note_10

/// What is noted when a client says one word, pings, and leaves.
async fn noted(server: impl AsyncFnOnce(WebSocket) -> Result<Vec<String>>) -> Vec<String> {
    let (near, mut far) = in_memory(1024).await;
    let client = async {
        far.send(Message::text("hello")).await?;
        far.send(Message::Ping(Bytes::from_static(b"still there?"))).await?;
        far.close(Some(CloseFrame { code: 1000.into(), reason: "bye".into() })).await?;
        while let Some(message) = far.next().await {
            message?;
        }
        Ok::<(), Error>(())
    };
    let (notes, client) = soon(async { tokio::join!(server(near), client) }).await;
    client.expect("the client is served to its end");
    notes.expect("no error")
}

#[tokio::test(start_paused = true)]
async fn to_text_takes_a_ping_and_a_close_for_text_and_a_match_does_not() {
    assert_eq!(noted(note_everything).await, ["hello", "still there?", "bye"]);
    assert_eq!(noted(note_text).await, ["hello"]);
    assert_chapter_names(10, "to_text()");
}
