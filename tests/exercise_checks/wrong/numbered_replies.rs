use anyhow::Result;
use futures_util::{SinkExt, StreamExt};
use std::{
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text};

mistakes! { numbered_replies, served:
    waits_for_the_client_to_speak_first => "server \"Welcome!\" came at 100 ms; due was 0 ms",
    numbers_from_zero => "\"0: Hello\" came, where \"1: Hello\" was due",
    counts_for_all_clients_together => "transcript 2 of 2",
    replies_to_the_first_only => "Too early an end: your server sent close 1000",
    sends_binary => "The right text, but in a binary message",
    sends_the_number_by_itself => "The right text, but in 2 messages where one was due",
    starts_again_when_another_client_comes => "Three clients at the same time",
    counts_pings_too => "The judge also plays others",
    numbers_with_one_digit => "The judge also plays others",
    is_silent_after_the_third => "The judge also plays others",
    closes_after_the_third => "The judge also plays others",
    says_farewell => "tried to send once more",
    welcomes_the_first_client_only => "server \"Welcome!\" at 0 ms",
    ignores_empty_texts => "The judge also plays others",
    plays_the_header => "The judge also plays others",
    blocks_after_its_replies => "`std::thread::sleep`",
    spawns_something_and_forgets_it => "there were still tasks at work",
}

pub async fn waits_for_the_client_to_speak_first(socket: &mut WebSocket) -> Result<()> {
    let mut number = 0;
    while let Some(text) = next_text(socket).await? {
        if number == 0 {
            socket.send(Message::text("Welcome!")).await?;
        }
        number += 1;
        socket.send(Message::text(format!("{number}: {text}"))).await?;
    }
    Ok(())
}

pub async fn numbers_from_zero(socket: &mut WebSocket) -> Result<()> {
    socket.send(Message::text("Welcome!")).await?;
    let mut number = 0;
    while let Some(text) = next_text(socket).await? {
        socket.send(Message::text(format!("{number}: {text}"))).await?;
        number += 1;
    }
    Ok(())
}

pub async fn counts_for_all_clients_together(socket: &mut WebSocket) -> Result<()> {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    socket.send(Message::text("Welcome!")).await?;
    while let Some(text) = next_text(socket).await? {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        socket.send(Message::text(format!("{number}: {text}"))).await?;
    }
    Ok(())
}

pub async fn replies_to_the_first_only(socket: &mut WebSocket) -> Result<()> {
    socket.send(Message::text("Welcome!")).await?;
    if let Some(text) = next_text(socket).await? {
        socket.send(Message::text(format!("1: {text}"))).await?;
    }
    Ok(())
}

pub async fn sends_binary(socket: &mut WebSocket) -> Result<()> {
    socket.send(Message::binary("Welcome!")).await?;
    let mut number = 0;
    while let Some(text) = next_text(socket).await? {
        number += 1;
        socket.send(Message::binary(format!("{number}: {text}"))).await?;
    }
    Ok(())
}

pub async fn sends_the_number_by_itself(socket: &mut WebSocket) -> Result<()> {
    socket.send(Message::text("Welcome!")).await?;
    let mut number = 0;
    while let Some(text) = next_text(socket).await? {
        number += 1;
        socket.send(Message::text(format!("{number}: "))).await?;
        socket.send(Message::text(text)).await?;
    }
    Ok(())
}

pub async fn starts_again_when_another_client_comes(socket: &mut WebSocket) -> Result<()> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    NUMBER.store(0, Ordering::Relaxed);
    socket.send(Message::text("Welcome!")).await?;
    while let Some(text) = next_text(socket).await? {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed) + 1;
        socket.send(Message::text(format!("{number}: {text}"))).await?;
    }
    Ok(())
}

pub async fn counts_pings_too(socket: &mut WebSocket) -> Result<()> {
    socket.send(Message::text("Welcome!")).await?;
    let mut number = 0;
    while let Some(message) = socket.next().await {
        number += 1;
        if let Message::Text(text) = message? {
            socket.send(Message::text(format!("{number}: {text}"))).await?;
        }
    }
    Ok(())
}

pub async fn numbers_with_one_digit(socket: &mut WebSocket) -> Result<()> {
    socket.send(Message::text("Welcome!")).await?;
    let mut number = 0;
    while let Some(text) = next_text(socket).await? {
        number = number % 9 + 1;
        socket.send(Message::text(format!("{number}: {text}"))).await?;
    }
    Ok(())
}

pub async fn is_silent_after_the_third(socket: &mut WebSocket) -> Result<()> {
    socket.send(Message::text("Welcome!")).await?;
    for number in 1..=3 {
        let Some(text) = next_text(socket).await? else { return Ok(()) };
        socket.send(Message::text(format!("{number}: {text}"))).await?;
    }
    while next_text(socket).await?.is_some() {}
    Ok(())
}

pub async fn closes_after_the_third(socket: &mut WebSocket) -> Result<()> {
    socket.send(Message::text("Welcome!")).await?;
    for number in 1..=3 {
        let Some(text) = next_text(socket).await? else { return Ok(()) };
        socket.send(Message::text(format!("{number}: {text}"))).await?;
    }
    Ok(())
}

pub async fn says_farewell(socket: &mut WebSocket) -> Result<()> {
    socket.send(Message::text("Welcome!")).await?;
    let mut number = 0;
    while let Some(text) = next_text(socket).await? {
        number += 1;
        socket.send(Message::text(format!("{number}: {text}"))).await?;
    }
    socket.send(Message::text("Bye!")).await?;
    Ok(())
}

pub async fn welcomes_the_first_client_only(socket: &mut WebSocket) -> Result<()> {
    static WELCOMED: AtomicU32 = AtomicU32::new(0);
    if WELCOMED.fetch_add(1, Ordering::Relaxed) == 0 {
        socket.send(Message::text("Welcome!")).await?;
    }
    let mut number = 0;
    while let Some(text) = next_text(socket).await? {
        number += 1;
        socket.send(Message::text(format!("{number}: {text}"))).await?;
    }
    Ok(())
}

pub async fn ignores_empty_texts(socket: &mut WebSocket) -> Result<()> {
    socket.send(Message::text("Welcome!")).await?;
    let mut number = 0;
    while let Some(text) = next_text(socket).await? {
        if !text.is_empty() {
            number += 1;
            socket.send(Message::text(format!("{number}: {text}"))).await?;
        }
    }
    Ok(())
}

pub async fn plays_the_header(socket: &mut WebSocket) -> Result<()> {
    socket.send(Message::text("Welcome!")).await?;
    while let Some(text) = next_text(socket).await? {
        let number = if text.as_str() == "How are you?" { 2 } else { 1 };
        socket.send(Message::text(format!("{number}: {text}"))).await?;
    }
    Ok(())
}

pub async fn blocks_after_its_replies(socket: &mut WebSocket) -> Result<()> {
    socket.send(Message::text("Welcome!")).await?;
    let mut number = 0;
    while let Some(text) = next_text(socket).await? {
        number += 1;
        socket.send(Message::text(format!("{number}: {text}"))).await?;
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

pub async fn spawns_something_and_forgets_it(socket: &mut WebSocket) -> Result<()> {
    socket.send(Message::text("Welcome!")).await?;
    let mut number = 0;
    while let Some(text) = next_text(socket).await? {
        number += 1;
        socket.send(Message::text(format!("{number}: {text}"))).await?;
        tokio::spawn(sleep(Duration::from_secs(60)));
    }
    Ok(())
}
