use crate::right::typewriter::{BEAT, POEM};
use anyhow::Result;
use futures_util::SinkExt;
use std::{future::pending, thread};
use tokio::{
    sync::{Mutex, mpsc},
    time::{interval, sleep},
};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text, pause};

mistakes! { typewriter, served:
    sends_the_poem_in_one_piece => "The right text, but in one message where 12 were due",
    takes_bytes_for_characters => "is not a char boundary",
    has_no_beat => "The right line, but 200 ms too early.",
    blocks_between_the_characters => "`std::thread::sleep`",
    waits_before_the_first => "Too late: server \"春\" came at 200 ms; due was 0 ms",
    skips_what_comes_twice => "\"处\" was due",
    never_closes => "Nothing came after 1,500 ms; due was: server close 1000 at 2400 ms",
    sleeps_between_the_characters => "pong",
    takes_an_interval_and_hears_nothing => "pong",
    begins_to_wait_anew_with_each_message => "The wait began anew",
    ends_at_the_first_word_of_the_client => "The judge also plays others",
    types_for_one_client_at_a_time => "Two clients at the same time",
    types_a_new_line_at_the_end => "due",
    spawns_a_clock_and_forgets_it => "there were still tasks at work",
    ends_too_early => "too early",
    plays_the_header => "The judge also plays others",
}

pub async fn sends_the_poem_in_one_piece(socket: &mut WebSocket) -> Result<()> {
    socket.send(Message::text(POEM)).await?;
    pause(socket, BEAT).await
}

pub async fn takes_bytes_for_characters(socket: &mut WebSocket) -> Result<()> {
    for i in 0..POEM.len() {
        socket.send(Message::text(&POEM[i..i + 1])).await?;
        pause(socket, BEAT).await?;
    }
    Ok(())
}

pub async fn has_no_beat(socket: &mut WebSocket) -> Result<()> {
    for character in POEM.chars() {
        socket.send(Message::text(character.to_string())).await?;
    }
    Ok(())
}

pub async fn blocks_between_the_characters(socket: &mut WebSocket) -> Result<()> {
    for character in POEM.chars() {
        socket.send(Message::text(character.to_string())).await?;
        thread::sleep(BEAT);
    }
    Ok(())
}

pub async fn waits_before_the_first(socket: &mut WebSocket) -> Result<()> {
    for character in POEM.chars() {
        pause(socket, BEAT).await?;
        socket.send(Message::text(character.to_string())).await?;
    }
    Ok(())
}

pub async fn skips_what_comes_twice(socket: &mut WebSocket) -> Result<()> {
    let mut characters: Vec<char> = POEM.chars().collect();
    characters.dedup();
    for character in characters {
        socket.send(Message::text(character.to_string())).await?;
        pause(socket, BEAT).await?;
    }
    Ok(())
}

pub async fn never_closes(socket: &mut WebSocket) -> Result<()> {
    for character in POEM.chars() {
        socket.send(Message::text(character.to_string())).await?;
        pause(socket, BEAT).await?;
    }
    pending().await
}

pub async fn sleeps_between_the_characters(socket: &mut WebSocket) -> Result<()> {
    for character in POEM.chars() {
        socket.send(Message::text(character.to_string())).await?;
        sleep(BEAT).await;
    }
    Ok(())
}

pub async fn takes_an_interval_and_hears_nothing(socket: &mut WebSocket) -> Result<()> {
    let mut beat = interval(BEAT);
    for character in POEM.chars() {
        beat.tick().await;
        socket.send(Message::text(character.to_string())).await?;
    }
    beat.tick().await;
    Ok(())
}

pub async fn begins_to_wait_anew_with_each_message(socket: &mut WebSocket) -> Result<()> {
    for character in POEM.chars() {
        socket.send(Message::text(character.to_string())).await?;
        loop {
            tokio::select! {
                () = sleep(BEAT) => break,
                text = next_text(socket) => if text?.is_none() { return Ok(()) },
            }
        }
    }
    Ok(())
}

pub async fn ends_at_the_first_word_of_the_client(socket: &mut WebSocket) -> Result<()> {
    for character in POEM.chars() {
        socket.send(Message::text(character.to_string())).await?;
        tokio::select! {
            () = sleep(BEAT) => {}
            text = next_text(socket) => {
                text?;
                return Ok(());
            }
        }
    }
    Ok(())
}

pub async fn types_for_one_client_at_a_time(socket: &mut WebSocket) -> Result<()> {
    static ONE: Mutex<()> = Mutex::const_new(());
    let _one = ONE.lock().await;
    for character in POEM.chars() {
        socket.send(Message::text(character.to_string())).await?;
        pause(socket, BEAT).await?;
    }
    Ok(())
}

pub async fn types_a_new_line_at_the_end(socket: &mut WebSocket) -> Result<()> {
    for character in POEM.chars().chain(['\n']) {
        socket.send(Message::text(character.to_string())).await?;
        pause(socket, BEAT).await?;
    }
    Ok(())
}

pub async fn spawns_a_clock_and_forgets_it(socket: &mut WebSocket) -> Result<()> {
    let (sender, mut beats) = mpsc::channel(1);
    tokio::spawn(async move {
        loop {
            sleep(BEAT).await;
            let _ = sender.try_send(());
        }
    });
    for character in POEM.chars() {
        socket.send(Message::text(character.to_string())).await?;
        loop {
            tokio::select! {
                _ = beats.recv() => break,
                text = next_text(socket) => if text?.is_none() { return Ok(()) },
            }
        }
    }
    Ok(())
}

pub async fn ends_too_early(socket: &mut WebSocket) -> Result<()> {
    for (number, character) in POEM.chars().enumerate() {
        if number > 0 {
            pause(socket, BEAT).await?;
        }
        socket.send(Message::text(character.to_string())).await?;
    }
    Ok(())
}

/// It knows when a ping comes, and looks for one only then.
pub async fn plays_the_header(socket: &mut WebSocket) -> Result<()> {
    for (number, character) in POEM.chars().enumerate() {
        socket.send(Message::text(character.to_string())).await?;
        match number {
            2 => pause(socket, BEAT).await?,
            _ => sleep(BEAT).await,
        }
    }
    Ok(())
}
