//! Handlers: their state, their panics, and how they close.

use std::{
    future::pending,
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::Result;
use futures_util::SinkExt;
use support::{client::next_close, deadline::soon, transcript::record};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};
use websocket_streaming::{CloseWith, Ending, Handler, WebSocket, connect, next_text, serve};

// ANCHOR: counter
/// A handler with state: it counts the messages of all its clients.
#[derive(Default)]
struct Counter {
    messages: AtomicU32,
}

impl Handler for Counter {
    async fn handle(&self, socket: &mut WebSocket) -> Result<()> {
        while next_text(socket).await?.is_some() {
            let number = self.messages.fetch_add(1, Ordering::Relaxed) + 1;
            socket.send(Message::text(number.to_string())).await?;
        }
        Ok(())
    }
}
// ANCHOR_END: counter

async fn text(socket: &mut WebSocket) -> String {
    let message = soon(next_text(socket)).await.expect("no error");
    message.expect("no close").to_string()
}

#[tokio::test]
async fn a_handler_with_state_shares_it_among_its_clients() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}", listener.local_addr()?);
    tokio::spawn(serve(listener, Counter::default(), pending()));
    let mut first = connect(&url).await?;
    let mut second = connect(&url).await?;
    for (socket, count) in [(&mut first, "1"), (&mut second, "2")] {
        socket.send(Message::text("hello")).await?;
        assert_eq!(text(socket).await, count);
    }
    first.send(Message::text("again")).await?;
    assert_eq!(text(&mut first).await, "3");
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_dropped_closes_its_connections_with_1001() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}", listener.local_addr()?);
    let server = tokio::spawn(serve(listener, Counter::default(), pending()));
    let mut socket = connect(&url).await?;
    socket.send(Message::text("hello")).await?;
    assert_eq!(text(&mut socket).await, "1");
    server.abort();
    assert_eq!(next_close(&mut socket).await.0, 1001);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_panics_before_it_has_a_future_is_closed_with_1011_too() {
    fn panics_at_once(_socket: &mut WebSocket) -> std::future::Ready<Result<()>> {
        panic!("on purpose")
    }
    let recording = record(panics_at_once, &[]).await;
    assert!(matches!(recording.ending, Ending::Panicked), "{:?}", recording.ending);
    assert_eq!(recording.transcript, "     0 ms  server  close 1011 \"the server failed\"\n");
}

#[tokio::test(start_paused = true)]
async fn a_close_code_that_may_not_be_sent_becomes_1011_and_a_long_reason_is_cut() {
    async fn relays_what_it_saw(_socket: &mut WebSocket) -> Result<()> {
        Err(CloseWith::new(CloseCode::Abnormal, "春".repeat(100)).into())
    }
    let recording = record(relays_what_it_saw, &[]).await;
    // 41 characters of three bytes are the 123 bytes that fit.
    let close = format!("     0 ms  server  close 1011 \"{}\"\n", "春".repeat(41));
    assert_eq!(recording.transcript, close);
}
