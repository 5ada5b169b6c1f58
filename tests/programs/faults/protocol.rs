//! Clients that break the protocol, and a message that is only just short enough.

use futures_util::SinkExt;
use support::{
    client::{connect, leave, next_chunk, next_close},
    course::{LEVEL1, robust_servers},
    deadline::DEADLINE,
    process::Server,
    raw_frame::{BINARY, CLOSE, CONTINUATION, FIN, PING, TEXT, raw_frame, raw_header},
};
use tokio::{
    io::{AsyncWriteExt, copy, sink},
    time::timeout,
};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::MAX_MESSAGE_SIZE;

use super::{assert_served, assert_unharmed, for_each};

/// What a client may do wrong, and the code it is told (section 7.4.1).
fn offences() -> Vec<(&'static str, Vec<u8>, u16)> {
    let frame = |first_byte, payload: &[u8]| raw_frame(first_byte, true, payload);
    let too_long = "x".repeat(MAX_MESSAGE_SIZE + 1);
    let half = &too_long.as_bytes()[..MAX_MESSAGE_SIZE / 2];
    vec![
        ("an unmasked frame", raw_frame(FIN | TEXT, false, b"Hello"), 1002),
        ("a reserved opcode for data", frame(FIN | 0x3, b"Hello"), 1002),
        ("a reserved opcode for control", frame(FIN | 0xB, b"Hello"), 1002),
        ("a reserved bit", frame(FIN | 0x40 | TEXT, b"Hello"), 1002),
        ("a ping in fragments", frame(PING, b"Hello"), 1002),
        ("a ping of 126 bytes", frame(FIN | PING, &[b'x'; 126]), 1002),
        ("a continuation of nothing", frame(FIN | CONTINUATION, b"Hello"), 1002),
        (
            "a message within another",
            [frame(TEXT, b"He"), frame(FIN | TEXT, b"llo")].concat(),
            1002,
        ),
        ("a close code of one byte", frame(FIN | CLOSE, &[3]), 1002),
        (
            "a close code that is not for the wire",
            frame(FIN | CLOSE, &1005_u16.to_be_bytes()),
            1002,
        ),
        ("a binary message", frame(FIN | BINARY, b"Hello"), 1003),
        ("text that is not UTF-8", frame(FIN | TEXT, b"Hello \xFF"), 1007),
        ("text that ends within a character", frame(FIN | TEXT, b"\xE4\xBD"), 1007),
        (
            "fragments that end within a character",
            [frame(TEXT, b"\xE4"), frame(FIN | CONTINUATION, b"\xBD")].concat(),
            1007,
        ),
        ("a close reason that is not UTF-8", frame(FIN | CLOSE, b"\x03\xE8\xFF"), 1007),
        ("a frame announced too long", raw_header(FIN | TEXT, true, MAX_MESSAGE_SIZE + 1), 1009),
        ("a frame announced endless", raw_header(FIN | TEXT, true, i64::MAX as usize), 1009),
        ("a frame too long", frame(FIN | TEXT, too_long.as_bytes()), 1009),
        (
            "fragments too long together",
            [frame(TEXT, half), frame(CONTINUATION, half), frame(FIN | CONTINUATION, b"x")]
                .concat(),
            1009,
        ),
        (
            "an error with much more behind it",
            [frame(FIN | BINARY, b""), frame(FIN | TEXT, half).repeat(20)].concat(),
            1003,
        ),
        (
            "a protocol error with much more behind it",
            [raw_frame(FIN | TEXT, false, b""), frame(FIN | TEXT, half).repeat(20)].concat(),
            1002,
        ),
    ]
}

#[tokio::test]
async fn a_client_that_breaks_the_protocol_is_told_so_with_the_right_close_code() {
    let offences = offences();
    for_each(&robust_servers(), async |name| {
        let server = Server::start(name).await;
        for (what, bytes, code) in &offences {
            let mut client = connect(&server.url).await;
            // All of it, before the client reads a single byte.
            let sending = timeout(DEADLINE, client.get_mut().write_all(bytes)).await;
            sending.expect("the server takes it in").expect("the server has not hung up yet");
            let (received, reason) = next_close(&mut client).await;
            assert_eq!(received, *code, "{name}: {what}: {reason:?}");
            assert_ne!(reason, "", "{name}: {what}");
        }
        assert_served(name, &server.url).await;
        assert_unharmed(name, server).await;
    })
    .await;
}

#[tokio::test]
async fn the_longest_message_is_welcome() {
    for_each(&robust_servers(), async |name| {
        let mut server = Server::start(name).await;
        let mut client = connect(&server.url).await;
        let check = async {
            let longest = if name.contains("translate") { 64 * 1024 } else { MAX_MESSAGE_SIZE };
            client.send(Message::text(" ".repeat(longest))).await.unwrap();
            next_chunk(&mut client).await;
            leave(client).await;
        };
        // The servers print what they get: more than a pipe holds.
        tokio::select! {
            () = check => {}
            () = server.drain() => panic!("{name} ended"),
        }
        assert_unharmed(name, server).await;
    })
    .await;
}

#[tokio::test]
async fn level1_survives_clients_that_break_the_protocol() {
    let mut server = Server::start(LEVEL1).await;
    let url = server.url.clone();
    let check = async {
        for (what, bytes, _code) in offences() {
            let mut stream = connect(&url).await.into_inner();
            let (mut reader, mut writer) = stream.split();
            // It may hang up without a goodbye, or take a message for good: then we leave.
            let speak = async {
                let _ = writer.write_all(&bytes).await;
                let _ = writer.shutdown().await;
            };
            let mut ignored = sink();
            let both = async { tokio::join!(speak, copy(&mut reader, &mut ignored)) };
            let _ = timeout(DEADLINE, both).await.unwrap_or_else(|_| panic!("{what} holds on"));
        }
        assert_served(LEVEL1, &url).await;
    };
    // It prints what it gets: more than a pipe holds.
    tokio::select! {
        () = check => {}
        () = server.drain() => panic!("the server ended"),
    }
    assert_unharmed(LEVEL1, server).await;
}
