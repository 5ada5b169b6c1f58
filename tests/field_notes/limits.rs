//! Notes 9, 19 and 20: how much is taken in, held, and left out.

use std::time::Duration;

use anyhow::Result;
use futures_util::{SinkExt, StreamExt};
use support::{
    client::read_all,
    connection::{in_memory, over_tcp},
    deadline::soon,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, duplex},
    sync::{
        broadcast::{self, error::RecvError},
        mpsc,
    },
    time::timeout,
};
use tokio_tungstenite::{
    accept_async, accept_async_with_config, client_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        error::{CapacityError, ProtocolError},
        handshake::client::Request,
        http::HeaderValue,
        protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode},
    },
};
use websocket_streaming::{ByteStream, CloseWith, WebSocket, close};

use crate::{assert_chapter_names, assert_symptom};

// ANCHOR: note_9
/// Wrong: never waits and never fails. What a slow client has not taken fills our memory.
fn publish_to_all(clients: &[mpsc::UnboundedSender<Message>], news: &Message) {
    for client in clients {
        let _ = client.send(news.clone());
    }
}

/// Right: each client's queue has an end. One whose queue is full is too slow, and is let go.
fn publish_to_fast(clients: &mut Vec<mpsc::Sender<Message>>, news: &Message) {
    clients.retain(|client| client.try_send(news.clone()).is_ok());
}
// ANCHOR_END: note_9

#[tokio::test]
async fn a_send_to_a_client_that_does_not_read_waits() {
    let (mut near, _far) = over_tcp().await;
    let chunk = Message::binary(vec![0; 64 * 1024]);
    let mut sent = 0;
    // On a busy machine a `send` may seem to wait early. It is waiting for ever that counts.
    while timeout(Duration::from_millis(500), near.send(chunk.clone())).await.is_ok() {
        sent += chunk.len();
        assert!(sent < 64 * 1024 * 1024, "the client reads nothing, and all is taken");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unbounded_queue_grows_without_end_and_a_full_one_shows_the_slow_client() {
    let news = Message::text("x".repeat(1000));
    let second = Duration::from_secs(1);

    let (mut near, _far) = in_memory(1024).await;
    let (tell, mut queue) = mpsc::unbounded_channel();
    let clients = [tell];
    for _ in 0..10_000 {
        publish_to_all(&clients, &news);
    }
    while let Ok(Some(message)) = timeout(second, queue.recv()).await {
        if timeout(second, near.send(message)).await.is_err() {
            break;
        }
    }
    assert!(queue.len() > 9_900, "{} still wait", queue.len());

    let (mut near, _far) = in_memory(1024).await;
    let (tell, mut queue) = mpsc::channel(16);
    let (tell_another, mut queue_of_another) = mpsc::channel(16);
    let mut clients = vec![tell, tell_another];
    let writer = tokio::spawn(async move {
        while let Some(message) = queue.recv().await {
            near.send(message).await?;
        }
        Ok::<(), Error>(())
    });
    for _ in 0..10_000 {
        publish_to_fast(&mut clients, &news);
        // The other client takes each at once.
        queue_of_another.recv().await.expect("it is still a client");
    }
    assert_eq!(clients.len(), 1, "the slow one is let go, the other stays");
    writer.abort();
}

#[tokio::test(start_paused = true)]
async fn a_broadcast_tells_a_slow_receiver_how_much_it_has_missed() {
    let (publish, mut news) = broadcast::channel(16);
    for i in 0..100 {
        publish.send(i).expect("there is a receiver");
    }
    assert_eq!(news.recv().await, Err(RecvError::Lagged(84)));
    assert_eq!(news.recv().await, Ok(84), "the oldest that is left");
    assert_chapter_names(9, "Lagged");
}

const MIB: usize = 1024 * 1024;

// ANCHOR: note_19_config
/// Wrong: a message of one frame still ends at 16 MiB, the other default.
fn larger_messages() -> WebSocketConfig {
    WebSocketConfig::default().max_message_size(Some(20 * MIB))
}

/// Right: both limits, and as low as the service allows.
fn larger_frames_too() -> WebSocketConfig {
    larger_messages().max_frame_size(Some(20 * MIB))
}
// ANCHOR_END: note_19_config

// ANCHOR: note_19_close
/// Wrong: passes the error on and drops the socket. The client learns nothing of the limit.
async fn read_or_fail(mut socket: WebSocket) -> Result<()> {
    while let Some(message) = socket.next().await {
        message?;
    }
    Ok(())
}

/// Right: after the error nothing more can be read, but a Close frame can be sent.
async fn read_or_say_why(mut socket: WebSocket) -> Result<()> {
    while let Some(message) = socket.next().await {
        if let Err(Error::Capacity(error)) = message {
            close(&mut socket, CloseWith::new(CloseCode::Size, error.to_string())).await;
            return Err(error.into());
        }
        message?;
    }
    Ok(())
}
// ANCHOR_END: note_19_close

/// A connection whose server has these limits. Its client has the default ones.
async fn with_limits(config: WebSocketConfig) -> (WebSocket, WebSocket) {
    let (near, far) = duplex(64 * 1024);
    let (near, far): (Box<dyn ByteStream>, Box<dyn ByteStream>) = (Box::new(near), Box::new(far));
    let accept = accept_async_with_config(near, Some(config));
    let (near, far) = tokio::join!(accept, client_async("ws://memory/", far));
    (near.expect("the server agrees"), far.expect("the client agrees").0)
}

/// How many bytes the server reads of a message of 17 MiB.
async fn read_17_mib(limits: WebSocketConfig) -> Result<usize, Error> {
    let (mut near, mut far) = with_limits(limits).await;
    tokio::spawn(async move { far.send(Message::binary(vec![0; 17 * MIB])).await });
    let message = soon(near.next()).await.expect("a message or an error")?;
    Ok(message.len())
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_frames_is_reached_before_the_limit_of_messages() {
    let error = read_17_mib(larger_messages()).await.expect_err("the frame is too long");
    assert!(matches!(error, Error::Capacity(CapacityError::MessageTooLong { .. })), "{error:?}");
    let text = "Space limit exceeded: Message too long: 17825792 > 16777216";
    assert_symptom(19, &error, text);

    let length = read_17_mib(larger_frames_too()).await.expect("it is within both limits");
    assert_eq!(length, 17 * MIB);
}

/// What a client hears that sends 2000 bytes where 1000 are allowed.
async fn after_too_long_a_message(
    server: impl AsyncFnOnce(WebSocket) -> Result<()>,
) -> (Vec<Message>, Option<Error>) {
    let limits = WebSocketConfig::default().max_message_size(Some(1000));
    let (near, mut far) = with_limits(limits).await;
    let client = async {
        far.send(Message::text("x".repeat(2000))).await.expect("the server is there");
        read_all(&mut far).await
    };
    let (served, heard) = soon(async { tokio::join!(server(near), client) }).await;
    served.expect_err("the message is too long");
    heard
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_too_long_resets_the_client_unless_1009_is_sent() {
    let (messages, error) = after_too_long_a_message(read_or_fail).await;
    assert_eq!(messages, []);
    let error = error.expect("the connection ends");
    assert!(matches!(error, Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)));

    let (messages, error) = after_too_long_a_message(read_or_say_why).await;
    let reason = "Message too long: 2000 > 1000".into();
    assert_eq!(messages, [Message::Close(Some(CloseFrame { code: CloseCode::Size, reason }))]);
    assert!(error.is_none(), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn the_limits_do_not_hold_for_what_one_sends() {
    let limits = WebSocketConfig::default().max_message_size(Some(1000));
    let (mut near, mut far) = with_limits(limits).await;
    near.send(Message::binary(vec![0; 2000])).await.expect("it is sent");
    let message = soon(far.next()).await.expect("a message").expect("no error");
    assert_eq!(message.len(), 2000);
}

// ANCHOR: note_20
/// Wrong: offers what this crate cannot do. A server that agrees will send compressed frames.
fn offer_compression(url: &str) -> Result<Request> {
    let mut request = url.into_client_request()?;
    let offer = HeaderValue::from_static("permessage-deflate");
    request.headers_mut().insert("Sec-WebSocket-Extensions", offer);
    Ok(request)
}
// ANCHOR_END: note_20

#[tokio::test(start_paused = true)]
async fn a_server_of_this_crate_negotiates_no_compression() {
    let (near, far) = duplex(1024);
    let request = offer_compression("ws://memory/").expect("a URL");
    assert_eq!(request.headers()["Sec-WebSocket-Extensions"], "permessage-deflate");
    let both = async { tokio::join!(accept_async(near), client_async(request, far)) };
    let (near, far) = soon(both).await;
    near.expect("the server agrees");
    let (_far, response) = far.expect("the client agrees");
    assert_eq!(response.headers().get("Sec-WebSocket-Extensions"), None);
    assert_chapter_names(20, "permessage-deflate");
}

#[tokio::test(start_paused = true)]
async fn a_compressed_frame_is_an_error() {
    let (near, mut far) = in_memory(1024).await;
    let mut near = near.into_inner();
    // A text frame of one byte, with the bit RSV1 that marks it as compressed.
    near.write_all(&[0b1100_0001, 1, b'x']).await.expect("the client is there");
    let (messages, error) = read_all(&mut far).await;
    assert_eq!(messages, []);
    let error = error.expect("the client cannot read it");
    assert!(matches!(error, Error::Protocol(ProtocolError::NonZeroReservedBits)), "{error:?}");
    assert_symptom(20, &error, "WebSocket protocol error: Reserved bits are non-zero");
    drop(near);
}

#[tokio::test(start_paused = true)]
async fn text_is_as_long_on_the_wire_as_in_memory() {
    let (mut near, far) = in_memory(64 * 1024).await;
    near.send(Message::text("x".repeat(10_000))).await.expect("the client is there");
    drop(near);
    let mut wire = Vec::new();
    soon(far.into_inner().read_to_end(&mut wire)).await.expect("memory can be read");
    assert_eq!(wire.len(), 10_000 + 4, "the text and a header of 4 bytes");
}
