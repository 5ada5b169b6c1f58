//! Right solutions that ask `std::time::Instant`, which knows nothing of virtual time.

use std::time::Duration;

use anyhow::Result;
use futures_util::SinkExt;
use support::judge::{Subject, served, source};
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text, pause};

use crate::{
    message,
    right::{
        typewriter::{BEAT, POEM},
        unblock::THOUGHT,
    },
};

/// They pass by the real clock, unless the machine is too busy for it. Then they are told why.
fn passes_or_is_told(name: &str, subject: Subject) {
    let code = include_str!("real_clock.rs");
    let message = message(name, &subject, code);
    let told = message.contains("`tokio::time::Instant` knows it");
    assert!(message.is_empty() || told, "{message}");
}

#[test]
fn code_that_asks_the_real_clock_is_known() {
    assert!(source::asks_the_real_clock("let start = std::time::Instant::now();"));
    assert!(source::asks_the_real_clock("use std::{thread, time::{Duration, Instant}};"));
    assert!(!source::asks_the_real_clock("// std::time::Instant\nuse tokio::time::Instant;"));
}

#[test]
fn a_typewriter_by_the_real_clock_passes() {
    passes_or_is_told("typewriter", served(asks_the_real_clock));
}

#[test]
fn a_thought_by_the_real_clock_passes() {
    passes_or_is_told("unblock", served(polls_the_real_clock));
}

async fn asks_the_real_clock(socket: &mut WebSocket) -> Result<()> {
    let start = std::time::Instant::now();
    for (number, character) in (1..).zip(POEM.chars()) {
        socket.send(Message::text(character.to_string())).await?;
        pause(socket, (BEAT * number).saturating_sub(start.elapsed())).await?;
    }
    Ok(())
}

async fn polls_the_real_clock(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        let start = std::time::Instant::now();
        while start.elapsed() < THOUGHT {
            sleep(Duration::from_millis(10)).await;
        }
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    Ok(())
}
