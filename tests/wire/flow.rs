//! What a reader sees of fragments, and what a sender feels of a slow reader.

use std::{fmt::Write, time::Duration};

use futures_util::{SinkExt, StreamExt};
use support::{assert_snapshot, deadline::soon};
use tokio::{
    io::{AsyncWriteExt, duplex},
    time::{Instant, sleep},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        protocol::{
            Role,
            frame::{
                Frame,
                coding::{Data, OpCode},
            },
        },
    },
};
use websocket_streaming::config;

use crate::frames::bytes;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_fragmented_message_arrives_with_its_last_fragment() {
    let (mut server_end, client_end) = duplex(1024);
    let mut client = WebSocketStream::from_raw_socket(client_end, Role::Client, None).await;
    let start = Instant::now();
    let line = |what: String| format!("{:>6} ms  {what}\n", start.elapsed().as_millis());

    let send = async {
        let mut seen = Vec::new();
        for (what, text, opcode, last) in [
            ("text, not the last", "one ", Data::Text, false),
            ("continuation, not the last", "two ", Data::Continue, false),
            ("continuation, the last", "three", Data::Continue, true),
        ] {
            let frame = Frame::message(text, OpCode::Data(opcode), last);
            server_end.write_all(&bytes(frame)).await.expect("there is room");
            seen.push(line(format!("server  sends a frame: {what}: {text:?}")));
            sleep(SECOND).await;
        }
        seen
    };
    let receive = async {
        let message = client.next().await.expect("a message comes").expect("it is well-formed");
        line(format!("client  receives a message: {:?}", message.to_text().expect("it is text")))
    };
    let (mut seen, received) = soon(async { tokio::join!(send, receive) }).await;
    seen.push(received);
    assert_snapshot("wire_fragments", &seen.concat());
}

/// A pipe of 64 KiB stands for the buffers of TCP, which are larger and vary.
#[tokio::test(start_paused = true)]
async fn a_slow_reader_makes_the_sender_wait() {
    // With its header of 4 bytes, one message is 16 KiB on the wire.
    const PAYLOAD: usize = 16 * 1024 - 4;

    let (server_end, client_end) = duplex(64 * 1024);
    let mut server = WebSocketStream::from_raw_socket(server_end, Role::Server, None).await;
    let mut client =
        WebSocketStream::from_raw_socket(client_end, Role::Client, Some(config())).await;
    let start = Instant::now();

    let send = async {
        let mut seen = Vec::new();
        for i in 1..=8 {
            server.send(Message::text("x".repeat(PAYLOAD))).await.expect("the client is there");
            seen.push((start.elapsed(), format!("server  send {i} has returned")));
        }
        seen
    };
    let receive = async {
        let mut seen = Vec::new();
        for i in 1..=8 {
            sleep(SECOND).await;
            client.next().await.expect("a message comes").expect("it is well-formed");
            seen.push((start.elapsed(), format!("client  reads message {i}")));
        }
        seen
    };
    let (sent, mut seen) = soon(async { tokio::join!(send, receive) }).await;
    seen.extend(sent);
    // What happens at the same moment: first the reading, then the sending that it makes room for.
    seen.sort_by_key(|(when, _)| *when);
    let mut transcript = String::new();
    for (when, what) in seen {
        writeln!(transcript, "{:>6} ms  {what}", when.as_millis()).expect("a string takes all");
    }
    assert_snapshot("wire_backpressure", &transcript);
}
