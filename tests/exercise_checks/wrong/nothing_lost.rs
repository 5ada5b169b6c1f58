use std::{sync::Mutex, time::Duration};

use anyhow::{Context, Result};
use futures_util::SinkExt;
use tokio::time::{Instant, interval, interval_at, sleep, timeout};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use websocket_streaming::{WebSocket, next_text, pause};

mistakes! { nothing_lost, served:
    is_not_repaired => "came at 1400 ms; due was 1000 ms",
    begins_its_second_anew_with_each_message => "came at 1400 ms; due was 1000 ms",
    ticks_when_nothing_has_come_for_a_second => "came at 1400 ms; due was 1000 ms",
    still_forgets_the_title => "before it \"Ideas: learn Rust\" was due",
    does_not_tick_between_title_and_text => "\"Tick 2\" came at 2300 ms; due was 2000 ms",
    keeps_the_title_for_the_next_note => "server \"Shopping: Ideas\" at 1700 ms was not due",
    ticks_at_once => "server \"Tick 1\" came at 0 ms; due was 1000 ms",
    drops_what_comes_during_a_pause => "before it \"Shopping: tea and bread\" was due",
    keeps_the_title_for_the_next_client => "server \"Secrets: Today\" at 500 ms was not due",
    calls_half_a_note_an_error => "the connection ended in peace: that is no error",
    returns_the_notes_of_the_header => "where \"Today: rest\" was due",
}

const SECOND: Duration = Duration::from_secs(1);

async fn tick(socket: &mut WebSocket, ticks: &mut u32) -> Result<()> {
    *ticks += 1;
    socket.send(Message::text(format!("Tick {ticks}"))).await?;
    Ok(())
}

/// Takes one half of a note; sends the note back with the second half.
async fn take(
    socket: &mut WebSocket,
    title: &mut Option<Utf8Bytes>,
    text: Utf8Bytes,
) -> Result<()> {
    match title.take() {
        Some(title) => socket.send(Message::text(format!("{title}: {text}"))).await?,
        None => *title = Some(text),
    }
    Ok(())
}

async fn next_note(socket: &mut WebSocket) -> Result<Option<String>> {
    let Some(title) = next_text(socket).await? else { return Ok(None) };
    let Some(text) = next_text(socket).await? else { return Ok(None) };
    Ok(Some(format!("{title}: {text}")))
}

pub async fn is_not_repaired(socket: &mut WebSocket) -> Result<()> {
    let mut ticks = 0;
    loop {
        tokio::select! {
            () = sleep(SECOND) => tick(socket, &mut ticks).await?,
            note = next_note(socket) => match note? {
                Some(note) => socket.send(Message::text(note)).await?,
                None => return Ok(()),
            },
        }
    }
}

pub async fn begins_its_second_anew_with_each_message(socket: &mut WebSocket) -> Result<()> {
    let (mut ticks, mut title) = (0, None);
    loop {
        tokio::select! {
            () = sleep(SECOND) => tick(socket, &mut ticks).await?,
            text = next_text(socket) => match text? {
                Some(text) => take(socket, &mut title, text).await?,
                None => return Ok(()),
            },
        }
    }
}

/// The same, in other words.
pub async fn ticks_when_nothing_has_come_for_a_second(socket: &mut WebSocket) -> Result<()> {
    let (mut ticks, mut title) = (0, None);
    loop {
        match timeout(SECOND, next_text(socket)).await {
            Err(_elapsed) => tick(socket, &mut ticks).await?,
            Ok(text) => match text? {
                Some(text) => take(socket, &mut title, text).await?,
                None => return Ok(()),
            },
        }
    }
}

pub async fn still_forgets_the_title(socket: &mut WebSocket) -> Result<()> {
    let mut ticks = 0;
    let mut clock = interval_at(Instant::now() + SECOND, SECOND);
    loop {
        tokio::select! {
            _ = clock.tick() => tick(socket, &mut ticks).await?,
            note = next_note(socket) => match note? {
                Some(note) => socket.send(Message::text(note)).await?,
                None => return Ok(()),
            },
        }
    }
}

pub async fn does_not_tick_between_title_and_text(socket: &mut WebSocket) -> Result<()> {
    let mut ticks = 0;
    let mut clock = interval_at(Instant::now() + SECOND, SECOND);
    loop {
        tokio::select! {
            _ = clock.tick() => tick(socket, &mut ticks).await?,
            title = next_text(socket) => {
                let Some(title) = title? else { return Ok(()) };
                let Some(text) = next_text(socket).await? else { return Ok(()) };
                socket.send(Message::text(format!("{title}: {text}"))).await?;
            }
        }
    }
}

pub async fn keeps_the_title_for_the_next_note(socket: &mut WebSocket) -> Result<()> {
    let mut ticks = 0;
    let mut title: Option<Utf8Bytes> = None;
    let mut clock = interval_at(Instant::now() + SECOND, SECOND);
    loop {
        tokio::select! {
            _ = clock.tick() => tick(socket, &mut ticks).await?,
            text = next_text(socket) => match (text?, &title) {
                (Some(text), Some(title)) => {
                    socket.send(Message::text(format!("{title}: {text}"))).await?;
                }
                (Some(text), None) => title = Some(text),
                (None, _) => return Ok(()),
            },
        }
    }
}

pub async fn ticks_at_once(socket: &mut WebSocket) -> Result<()> {
    let (mut ticks, mut title) = (0, None);
    let mut clock = interval(SECOND);
    loop {
        tokio::select! {
            _ = clock.tick() => tick(socket, &mut ticks).await?,
            text = next_text(socket) => match text? {
                Some(text) => take(socket, &mut title, text).await?,
                None => return Ok(()),
            },
        }
    }
}

/// `pause` reads, and drops what it reads.
pub async fn drops_what_comes_during_a_pause(socket: &mut WebSocket) -> Result<()> {
    let mut ticks = 0;
    loop {
        pause(socket, SECOND).await?;
        tick(socket, &mut ticks).await?;
    }
}

/// One place for all clients: the next one gets what this one has left behind.
pub async fn keeps_the_title_for_the_next_client(socket: &mut WebSocket) -> Result<()> {
    static TITLE: Mutex<Option<Utf8Bytes>> = Mutex::new(None);
    let mut ticks = 0;
    let mut clock = interval_at(Instant::now() + SECOND, SECOND);
    loop {
        tokio::select! {
            _ = clock.tick() => tick(socket, &mut ticks).await?,
            text = next_text(socket) => {
                let Some(text) = text? else { return Ok(()) };
                let mut title = TITLE.lock().unwrap().take();
                take(socket, &mut title, text).await?;
                *TITLE.lock().unwrap() = title;
            }
        }
    }
}

pub async fn calls_half_a_note_an_error(socket: &mut WebSocket) -> Result<()> {
    let mut ticks = 0;
    let mut title: Option<Utf8Bytes> = None;
    let mut clock = interval_at(Instant::now() + SECOND, SECOND);
    loop {
        tokio::select! {
            _ = clock.tick() => tick(socket, &mut ticks).await?,
            text = next_text(socket) => match (text?, title.take()) {
                (None, None) => return Ok(()),
                (text, None) => title = text,
                (text, Some(title)) => {
                    let text = text.context("a note without a text")?;
                    socket.send(Message::text(format!("{title}: {text}"))).await?;
                }
            },
        }
    }
}

/// Deaf to what is said, but not to when.
pub async fn returns_the_notes_of_the_header(socket: &mut WebSocket) -> Result<()> {
    let mut notes = ["Shopping: tea and bread", "Ideas: learn Rust"].into_iter();
    let (mut ticks, mut halves) = (0, 0);
    let mut clock = interval_at(Instant::now() + SECOND, SECOND);
    loop {
        tokio::select! {
            _ = clock.tick() => tick(socket, &mut ticks).await?,
            text = next_text(socket) => {
                if text?.is_none() {
                    return Ok(());
                }
                halves += 1;
                if halves % 2 == 0 {
                    let note = notes.next().context("no note is left")?;
                    socket.send(Message::text(note)).await?;
                }
            }
        }
    }
}
