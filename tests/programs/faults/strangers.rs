//! Clients that are not clients: what they send is no handshake.

use std::{future::pending, time::Duration};

use support::{client::dial, course::LEVEL1, deadline::ON_TIME, process::Server};
use tokio::{
    io::{AsyncWriteExt, copy, sink, split},
    time::{sleep, timeout},
};
use websocket_streaming::{ByteStream, MAX_MESSAGE_SIZE};

use super::{all_servers, assert_served, assert_unharmed, for_each};
/// Bytes that mean nothing, the same ones in every run.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let step = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(step).collect()
}

/// What may come instead of a handshake.
fn strangers() -> Vec<(&'static str, Vec<u8>)> {
    let request: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n";
    vec![
        ("a web browser", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec()),
        ("no HTTP", b"EHLO localhost\r\n".to_vec()),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec()),
        ("noise", noise(100_000)),
        ("a huge header", [request, b"X: ", &[b'x'; MAX_MESSAGE_SIZE]].concat()),
        ("many headers", [request, &b"X: x\r\n".repeat(100_000)].concat()),
    ]
}

pub const HALF_A_HANDSHAKE: &[u8] =
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";

/// Sends `bytes`, with a pause after each where there is one, then reads to the end, which may be
/// a reset as well.
pub async fn speak_until_the_end(stream: impl ByteStream, bytes: &[u8], pause: Duration) {
    let (mut reader, mut writer) = split(stream);
    let mut ignored = sink();
    let speak = async {
        let size = if pause.is_zero() { bytes.len() } else { 1 };
        for piece in bytes.chunks(size.max(1)) {
            // The server may hang up before it has heard everything.
            if writer.write_all(piece).await.is_err() {
                break;
            }
            sleep(pause).await;
        }
        pending().await
    };
    tokio::select! {
        _ = copy(&mut reader, &mut ignored) => {}
        () = speak => {}
    }
}

#[tokio::test]
async fn a_client_that_sends_something_else_than_a_handshake_is_hung_up_on() {
    let strangers = strangers();
    for_each(&all_servers(), async |name| {
        let server = Server::start(name).await;
        for (what, bytes) in &strangers {
            let end = speak_until_the_end(dial(&server.url).await, bytes, Duration::ZERO);
            timeout(ON_TIME, end).await.unwrap_or_else(|_| panic!("{name}: {what} holds on"));
        }
        assert_served(name, &server.url).await;
        assert_unharmed(name, server).await;
    })
    .await;
}

#[tokio::test]
async fn level1_serves_others_while_a_client_is_silent() {
    let server = Server::start(LEVEL1).await;
    // It has no deadlines, to be small: the silent ones may stay.
    let _silent = dial(&server.url).await;
    let mut half = dial(&server.url).await;
    half.write_all(HALF_A_HANDSHAKE).await.unwrap();
    assert_served(LEVEL1, &server.url).await;
    assert_unharmed(LEVEL1, server).await;
}
