//! What can go wrong in any exercise.

use std::{
    future::pending,
    hint::spin_loop,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use futures_util::SinkExt;
use support::judge::served;
use tokio::task::yield_now;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{CloseWith, WebSocket, close};

use crate::message;

#[track_caller]
fn assert_fails(reason: &str, subject: support::judge::Subject) {
    let message = message("numbered_replies", &subject, "");
    assert!(message.contains(reason), "{reason:?} is not in this message:\n{message}");
}

#[test]
fn whatever_the_code_does_it_is_told_so_at_once() {
    let start = Instant::now();
    assert_fails("called `Result::unwrap()` on an `Err` value", served(panics));
    assert_fails("returned an error: the dog ate it", served(returns_an_error));
    assert_fails("Too early an end: your server sent close 1000", served(says_nothing));
    assert_fails("Too early an end: your server sent close 1000", served(closes_at_once));
    assert_fails("More and more came", served(floods));
    let silence = "Nothing came after 1,500 ms; due was: server \"Welcome!\" at 0 ms";
    assert_fails(silence, served(hangs));
    // It takes some milliseconds, unless the machine is busy with other things.
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn code_that_never_waits_is_told_so_in_the_end() {
    let start = Instant::now();
    thread::scope(|scope| {
        for (reason, subject) in [
            ("kept its thread for 5 s", served(spins)),
            ("kept its thread for 5 s", served(blocks_its_thread)),
            ("still busy after 5 s", served(yields_for_ever)),
        ] {
            scope.spawn(move || assert_fails(reason, subject));
        }
    });
    assert!(start.elapsed() < Duration::from_secs(30));
}

/// Longer than any check waits, but not until the end of all tests.
const LONG: Duration = Duration::from_secs(8);

pub async fn panics(_: &mut WebSocket) -> Result<()> {
    let _number: u32 = "one".parse().unwrap();
    Ok(())
}

pub async fn returns_an_error(_: &mut WebSocket) -> Result<()> {
    bail!("the dog ate it")
}

pub async fn spins(_: &mut WebSocket) -> Result<()> {
    let start = Instant::now();
    while start.elapsed() < LONG {
        spin_loop();
    }
    Ok(())
}

pub async fn yields_for_ever(_: &mut WebSocket) -> Result<()> {
    let start = Instant::now();
    while start.elapsed() < LONG {
        yield_now().await;
    }
    Ok(())
}

pub async fn blocks_its_thread(_: &mut WebSocket) -> Result<()> {
    thread::sleep(LONG);
    Ok(())
}

pub async fn hangs(_: &mut WebSocket) -> Result<()> {
    pending().await
}

pub async fn floods(socket: &mut WebSocket) -> Result<()> {
    loop {
        socket.send(Message::text("Welcome!")).await?;
    }
}

pub async fn closes_at_once(socket: &mut WebSocket) -> Result<()> {
    close(socket, CloseWith::normal()).await;
    Ok(())
}

pub async fn says_nothing(_: &mut WebSocket) -> Result<()> {
    Ok(())
}

pub async fn prints_for_ever(_: &mut WebSocket) -> Result<()> {
    let start = Instant::now();
    while start.elapsed() < LONG {
        println!("Is anybody there?");
    }
    Ok(())
}
