//! Notes 8, 12 and 17: waiting too long, and making others wait.

use std::{
    any::Any,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Result;
use futures_util::{SinkExt, StreamExt};
use support::{
    connection::{in_memory, over_tcp},
    deadline::{never, soon},
};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Handle,
    sync::mpsc,
    task::spawn_blocking,
    time::{Instant, sleep, timeout},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, accept_async, connect_async, connect_async_with_config,
    tungstenite::{Bytes, Error, Message},
};
use websocket_streaming::WebSocket;

use crate::assert_symptom;

// ANCHOR: note_8
/// Wrong: waits for ever for a client whose network is gone.
async fn next_or_never(socket: &mut WebSocket) -> Result<Option<Message>> {
    Ok(socket.next().await.transpose()?)
}

const QUIET: Duration = Duration::from_secs(20);

/// Right: after 20 s of silence it asks. Whoever lives answers with a Pong, within 20 s more.
async fn next_or_dead(socket: &mut WebSocket) -> Result<Option<Message>> {
    if let Ok(next) = timeout(QUIET, socket.next()).await {
        return Ok(next.transpose()?);
    }
    timeout(QUIET, socket.send(Message::Ping(Bytes::new()))).await??;
    Ok(timeout(QUIET, socket.next()).await?.transpose()?)
}
// ANCHOR_END: note_8

#[tokio::test(start_paused = true)]
async fn a_dead_peer_is_waited_for_for_ever_unless_it_is_pinged() {
    // It is connected, and silent: nobody reads or writes at its end.
    let (mut near, _dead) = in_memory(1024).await;
    never(Duration::from_secs(24 * 60 * 60), next_or_never(&mut near)).await;

    let start = Instant::now();
    let error = soon(next_or_dead(&mut near)).await.expect_err("nobody answers");
    assert!(error.is::<tokio::time::error::Elapsed>(), "{error:?}");
    assert_eq!(start.elapsed(), 2 * QUIET);
    assert_symptom(8, &error, "deadline has elapsed");

    let (mut near, mut far) = in_memory(1024).await;
    let _alive = tokio::spawn(async move { while let Some(Ok(_)) = far.next().await {} });
    let start = Instant::now();
    let message = soon(next_or_dead(&mut near)).await.expect("it is alive");
    assert_eq!(message, Some(Message::Pong(Bytes::new())));
    assert_eq!(start.elapsed(), QUIET);
}

#[tokio::test]
async fn the_first_send_after_a_client_vanished_succeeds() {
    let (mut near, far) = over_tcp().await;
    drop(far);
    let end = soon(near.get_ref().peek(&mut [0])).await.expect("the end of the stream");
    assert_eq!(end, 0, "the server's kernel knows that the client is gone");

    near.send(Message::text("one")).await.expect("the first send succeeds all the same");
    // The client's kernel answers that nobody is there. Then a send fails, the next or a later one.
    let send_on = async {
        loop {
            sleep(Duration::from_millis(10)).await;
            if let Err(error) = near.send(Message::text("another")).await {
                break error;
            }
        }
    };
    let error = soon(send_on).await;
    assert!(matches!(error, Error::Io(_)), "{error:?}");
}

// The other wrong and right ways of note 12 are in lessons/level3/pitfalls/blocking_call.rs and
// block_on.rs.

// ANCHOR: note_12
/// Right, where there is no async counterpart: a thread that may block.
async fn count_lines(path: PathBuf) -> Result<usize> {
    let text = spawn_blocking(move || std::fs::read_to_string(path)).await??;
    Ok(text.lines().count())
}
// ANCHOR_END: note_12

#[tokio::test]
async fn blocking_work_is_done_on_a_thread_of_its_own() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("rustfmt.toml");
    let lines = soon(count_lines(file)).await.expect("it can be read");
    assert!(lines > 0);
    soon(count_lines("no such file".into())).await.expect_err("the error comes back");
}

fn first_sentence(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or(panic.downcast_ref::<String>().map(String::as_str));
    let text = text.expect("a panic with a text");
    text.split_once(". ").map_or(text, |(first, _rest)| first)
}

#[tokio::test]
async fn block_on_and_blocking_recv_panic_inside_the_runtime_and_await_works() {
    let task = tokio::spawn(async { Handle::current().block_on(async { "answer" }) });
    let panic = soon(task).await.expect_err("it panics").into_panic();
    let text = "Cannot start a runtime from within a runtime";
    assert_symptom(12, first_sentence(&*panic), text);

    let (tell, mut queue) = mpsc::channel(1);
    tell.send("answer").await.expect("the queue is there");
    let task = tokio::spawn(async move { queue.blocking_recv() });
    let panic = soon(task).await.expect_err("it panics").into_panic();
    let text = "Cannot block the current thread from within a runtime";
    assert_symptom(12, first_sentence(&*panic), text);

    let (tell, mut queue) = mpsc::channel(1);
    tell.send("answer").await.expect("the queue is there");
    let task = tokio::spawn(async move { queue.recv().await });
    assert_eq!(soon(task).await.expect("no panic"), Some("answer"));
}

type Client = WebSocketStream<MaybeTlsStream<TcpStream>>;

// ANCHOR: note_17
/// Wrong for streaming: Nagle's algorithm is on, as it is on every new TCP socket.
async fn connect_with_nagle(url: &str) -> Result<Client, Error> {
    let (socket, _response) = connect_async(url).await?;
    Ok(socket)
}

/// Right: the last argument turns it off.
async fn connect_without_nagle(url: &str) -> Result<Client, Error> {
    let (socket, _response) = connect_async_with_config(url, None, true).await?;
    Ok(socket)
}

/// Right: the server's end of the connection is a socket of its own, with a switch of its own.
async fn accept_without_nagle(listener: &TcpListener) -> io::Result<TcpStream> {
    let (stream, _peer) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
// ANCHOR_END: note_17

fn nodelay(client: &Client) -> bool {
    let MaybeTlsStream::Plain(stream) = client.get_ref() else { panic!("no TLS here") };
    stream.nodelay().expect("the socket is open")
}

#[tokio::test]
async fn nagle_is_on_at_both_ends_until_it_is_turned_off() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let url = format!("ws://{}", listener.local_addr().expect("it is bound"));

    let server = async {
        let (stream, _peer) = listener.accept().await?;
        let nodelay = stream.nodelay()?;
        accept_async(stream).await?;
        Ok::<bool, Error>(nodelay)
    };
    let both = async { tokio::try_join!(server, connect_with_nagle(&url)) };
    let (nodelay_of_server, client) = soon(both).await.expect("they connect");
    assert!(!nodelay_of_server);
    assert!(!nodelay(&client));

    let server = async {
        let stream = accept_without_nagle(&listener).await?;
        let nodelay = stream.nodelay()?;
        accept_async(stream).await?;
        Ok::<bool, Error>(nodelay)
    };
    let both = async { tokio::try_join!(server, connect_without_nagle(&url)) };
    let (nodelay_of_server, client) = soon(both).await.expect("they connect");
    assert!(nodelay_of_server);
    assert!(nodelay(&client));
}
