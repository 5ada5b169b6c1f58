//! Notes 1, 2, 3 and 11: how a connection ends, and what ends with it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use futures_util::{FutureExt, SinkExt, StreamExt, future::BoxFuture, stream::SplitSink};
use support::{
    client::read_all,
    connection::{in_memory, over_tcp},
    deadline::soon,
};
use tokio::{
    net::TcpStream,
    sync::mpsc,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Error, Message, error::ProtocolError},
};
use tokio_util::sync::CancellationToken;
use websocket_streaming::{CloseWith, WebSocket, close, next_text};

use crate::{assert_chapter_names, assert_symptom};

const RESET: &str = "WebSocket protocol error: Connection reset without closing handshake";

// ANCHOR: note_1
/// Wrong: leaves at the Close frame, and the reply to it stays in the write buffer.
async fn leave_at_the_close(mut socket: WebSocket) -> Result<(), Error> {
    while let Some(message) = socket.next().await {
        if message?.is_close() {
            break;
        }
    }
    Ok(())
}

/// Right: reads to the end. The turn after the Close frame sends the reply.
async fn read_to_the_end(mut socket: WebSocket) -> Result<(), Error> {
    while let Some(message) = socket.next().await {
        message?;
    }
    Ok(())
}

/// Right, too: sends the reply before it leaves.
async fn close_before_leaving(mut socket: WebSocket) -> Result<(), Error> {
    while let Some(message) = socket.next().await {
        if message?.is_close() {
            // Not `socket.close(None)`: that would be a second Close frame, and an error.
            return SinkExt::close(&mut socket).await;
        }
    }
    Ok(())
}
// ANCHOR_END: note_1

/// What a client hears that says goodbye to such a server.
async fn after_a_goodbye(
    server: impl AsyncFnOnce(WebSocket) -> Result<(), Error>,
) -> (Vec<Message>, Option<Error>) {
    let (near, mut far) = in_memory(1024).await;
    let client = async {
        far.close(None).await.expect("the server is there");
        read_all(&mut far).await
    };
    let (served, heard) = soon(async { tokio::join!(server(near), client) }).await;
    served.expect("the client did nothing wrong");
    heard
}

#[tokio::test(start_paused = true)]
async fn leaving_at_the_close_frame_resets_the_client_and_reading_on_replies() {
    let (messages, error) = after_a_goodbye(leave_at_the_close).await;
    assert_eq!(messages, []);
    let error = error.expect("no reply came");
    assert!(matches!(error, Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)));
    assert_symptom(1, &error, RESET);
    assert_chapter_names(1, "ResetWithoutClosingHandshake");

    for (messages, error) in
        [after_a_goodbye(read_to_the_end).await, after_a_goodbye(close_before_leaving).await]
    {
        assert_eq!(messages, [Message::Close(None)]);
        assert!(error.is_none(), "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn close_none_after_the_peers_close_is_sending_after_closing() {
    let (mut near, mut far) = in_memory(1024).await;
    far.close(None).await.expect("the server is there");
    let message = soon(near.next()).await.expect("a message").expect("no error");
    assert!(message.is_close());

    let error = near.close(None).await.expect_err("the reply is queued already");
    assert!(matches!(error, Error::Protocol(ProtocolError::SendAfterClosing)));
    assert_symptom(1, &error, "WebSocket protocol error: Sending after closing is not allowed");
    assert_chapter_names(1, "SendAfterClosing");
}

// ANCHOR: note_2
/// Wrong: a client that loses its network makes our task panic.
async fn count_or_panic(mut socket: WebSocket) -> u32 {
    let mut count = 0;
    while let Some(message) = socket.next().await {
        if message.unwrap().is_text() {
            count += 1;
        }
    }
    count
}

/// Right: a lost connection is an end like another, only not a complete one.
async fn count(mut socket: WebSocket) -> (u32, bool) {
    let mut count = 0;
    let mut complete = false;
    while let Some(message) = socket.next().await {
        match message {
            Ok(Message::Text(_)) => count += 1,
            Ok(Message::Close(_)) => complete = true,
            Ok(_) => {}
            // The last thing that this socket yields: the next turn ends the loop.
            Err(error) => log::info!("the client is lost: {error}"),
        }
    }
    (count, complete)
}
// ANCHOR_END: note_2

#[tokio::test(start_paused = true)]
async fn a_lost_connection_panics_an_unwrap_and_is_an_ordinary_end_for_a_match() {
    let (near, mut far) = in_memory(1024).await;
    let server = tokio::spawn(count_or_panic(near));
    far.send(Message::text("one")).await.expect("the server is there");
    drop(far);
    let panic = soon(server).await.expect_err("it panics").into_panic();
    let panic = panic.downcast_ref::<String>().expect("a panic with a text");
    let text =
        "called `Result::unwrap()` on an `Err` value: Protocol(ResetWithoutClosingHandshake)";
    assert_symptom(2, panic, text);
    let error = Error::Protocol(ProtocolError::ResetWithoutClosingHandshake);
    assert_symptom(2, error, RESET);

    let (near, mut far) = in_memory(1024).await;
    let server = tokio::spawn(count(near));
    far.send(Message::text("one")).await.expect("the server is there");
    drop(far);
    assert_eq!(soon(server).await.expect("no panic"), (1, false));

    let (near, mut far) = in_memory(1024).await;
    let server = tokio::spawn(count(near));
    far.send(Message::text("one")).await.expect("the server is there");
    close(&mut far, CloseWith::normal()).await;
    assert_eq!(soon(server).await.expect("no panic"), (1, true));
}

// ANCHOR: note_3
/// Wrong: says goodbye and is gone. What the client has sent meanwhile is left unread.
async fn close_and_drop(mut socket: WebSocketStream<TcpStream>, last: Message) -> Result<()> {
    socket.send(last).await?;
    socket.close(None).await?;
    Ok(())
}

/// Right: reads on until the client has closed, too. It has 10 s for that.
async fn close_and_drain(mut socket: WebSocketStream<TcpStream>, last: Message) -> Result<()> {
    socket.send(last).await?;
    socket.close(None).await?;
    let drain = async { while let Some(Ok(_)) = socket.next().await {} };
    let _ = timeout(Duration::from_secs(10), drain).await;
    Ok(())
}
// ANCHOR_END: note_3

/// More than a client's kernel takes in before its program reads, less than ours holds ready.
fn last_words() -> Message {
    Message::text("x".repeat(512 * 1024))
}

/// A connection on which the client has said something that the server has not read.
async fn with_unread_input() -> (WebSocketStream<TcpStream>, WebSocketStream<TcpStream>) {
    let (near, mut far) = over_tcp().await;
    far.send(Message::text("one more question")).await.expect("the server is there");
    soon(near.get_ref().peek(&mut [0])).await.expect("the question arrives");
    (near, far)
}

// How much the kernel takes in, and what it throws away at a reset, differs elsewhere.
#[cfg_attr(not(target_os = "linux"), ignore = "other systems lose other things")]
#[tokio::test]
async fn a_drop_with_unread_input_loses_the_last_words() {
    let (near, mut far) = with_unread_input().await;
    soon(close_and_drop(near, last_words())).await.expect("every call succeeds");
    let (messages, error) = read_all(&mut far).await;
    assert_eq!(messages, [], "neither the last words nor the Close frame");
    let error = error.expect("the connection is reset");
    let Error::Io(error) = &error else { panic!("{error:?}") };
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    assert_chapter_names(3, "Connection reset by peer");
}

#[tokio::test]
async fn a_drained_connection_delivers_the_last_words_and_the_close() {
    let (near, mut far) = with_unread_input().await;
    let both = async { tokio::join!(close_and_drain(near, last_words()), read_all(&mut far)) };
    let (served, (messages, error)) = soon(both).await;
    served.expect("every call succeeds");
    assert_eq!(messages, [last_words(), Message::Close(None)]);
    assert!(error.is_none(), "{error:?}");
}

// ANCHOR: note_11_work
/// Wrong: when the client leaves, its work goes on, for nobody.
async fn start_and_forget(
    socket: &mut WebSocket,
    work: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    tokio::spawn(work);
    while next_text(socket).await?.is_some() {}
    Ok(())
}

/// Right: the handler owns its tasks. A `JoinSet` that is dropped aborts them.
async fn start_and_own(
    socket: &mut WebSocket,
    work: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(work);
    while next_text(socket).await?.is_some() {}
    Ok(())
}
// ANCHOR_END: note_11_work

// ANCHOR: note_11_writer
/// Right: a writer that is asked to stop, not aborted, finishes its message and says goodbye.
async fn write_until_stopped(
    mut sink: SplitSink<WebSocket, Message>,
    mut queue: mpsc::Receiver<Message>,
    stop: CancellationToken,
) -> Result<(), Error> {
    // `recv` may be given up at any time. A `send` may not, so it is outside.
    while let Some(Some(message)) = stop.run_until_cancelled(queue.recv()).await {
        sink.send(message).await?;
    }
    sink.close().await
}
// ANCHOR_END: note_11_writer

/// How many seconds the work goes on in the minute after the handler has returned.
async fn seconds_worked_for_nobody(
    handler: impl AsyncFnOnce(&mut WebSocket, BoxFuture<'static, ()>) -> Result<()>,
) -> u32 {
    let seconds = Arc::new(AtomicU32::new(0));
    let counter = seconds.clone();
    let work = async move {
        loop {
            sleep(Duration::from_secs(1)).await;
            counter.fetch_add(1, Ordering::Relaxed);
        }
    };
    let (mut near, mut far) = in_memory(1024).await;
    let served = async {
        let outcome = handler(&mut near, work.boxed()).await;
        drop(near);
        outcome
    };
    let leave = close(&mut far, CloseWith::normal());
    let (outcome, ()) = soon(async { tokio::join!(served, leave) }).await;
    outcome.expect("the client is polite");
    sleep(Duration::from_millis(60_500)).await;
    seconds.load(Ordering::Relaxed)
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_task_outlives_its_client_and_an_owned_one_does_not() {
    assert_eq!(seconds_worked_for_nobody(start_and_forget).await, 60);
    assert_eq!(seconds_worked_for_nobody(start_and_own).await, 0);
}

#[tokio::test(start_paused = true)]
async fn aborting_a_writer_resets_the_client_and_stopping_it_does_not() {
    let long = Message::text("x".repeat(100_000));

    for stopped_politely in [false, true] {
        // The client reads nothing yet, so the writer is held up in the midst of the message.
        let (near, mut far) = in_memory(1024).await;
        let (sink, incoming) = near.split();
        let (tell, queue) = mpsc::channel(4);
        let stop = CancellationToken::new();
        let writer = tokio::spawn(write_until_stopped(sink, queue, stop.clone()));
        tell.send(long.clone()).await.expect("the writer is there");
        sleep(Duration::from_secs(1)).await;

        if stopped_politely {
            let _reader = tokio::spawn(incoming.for_each(async |_message| {}));
            stop.cancel();
            let (messages, error) = read_all(&mut far).await;
            soon(writer).await.expect("no panic").expect("no error");
            assert_eq!(messages, [long.clone(), Message::Close(None)]);
            assert!(error.is_none(), "{error:?}");
        } else {
            writer.abort();
            drop(incoming);
            let (messages, error) = read_all(&mut far).await;
            assert_eq!(messages, []);
            let error = error.expect("the message is cut off");
            assert!(matches!(error, Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)));
            assert_symptom(11, &error, RESET);
        }
    }
}
