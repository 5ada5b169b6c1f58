use crate::right::flush::BEAT;
use anyhow::Result;
use futures_util::SinkExt;
use std::{
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};
use tokio::{
    sync::{Mutex, mpsc},
    time::sleep,
};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, pause};

mistakes! { flush, served:
    is_not_repaired => "such as a missing `flush`",
    flushes_once_at_the_end => "such as a missing `flush`",
    flushes_before_the_message => "came at 500 ms; due was 0 ms",
    forgets_the_await => "Too early an end: your server sent close 1000",
    flushes_a_moment_later => "came at 10 ms; due was 0 ms",
    counts_for_all_clients_together => "The judge also plays others",
    counts_for_one_client_at_a_time => "Three clients at the same time",
    flushes_only_the_first => "came at",
    sends_from_a_task_that_outlives_it => "there were still tasks at work",
    blocks_and_flushes => "`std::thread::sleep`",
    forgets_the_last_wait => "too early",
    counts_up => "In the wrong order",
}

pub async fn is_not_repaired(socket: &mut WebSocket) -> Result<()> {
    for number in (1..=3).rev() {
        socket.feed(Message::text(format!("{number} "))).await?;
        pause(socket, BEAT).await?;
    }
    Ok(())
}

pub async fn flushes_once_at_the_end(socket: &mut WebSocket) -> Result<()> {
    for number in (1..=3).rev() {
        socket.feed(Message::text(format!("{number} "))).await?;
        pause(socket, BEAT).await?;
    }
    socket.flush().await?;
    Ok(())
}

pub async fn flushes_before_the_message(socket: &mut WebSocket) -> Result<()> {
    for number in (1..=3).rev() {
        socket.flush().await?;
        socket.feed(Message::text(format!("{number} "))).await?;
        pause(socket, BEAT).await?;
    }
    Ok(())
}

pub async fn forgets_the_await(socket: &mut WebSocket) -> Result<()> {
    for number in (1..=3).rev() {
        drop(socket.send(Message::text(format!("{number} "))));
        pause(socket, BEAT).await?;
    }
    Ok(())
}

pub async fn flushes_a_moment_later(socket: &mut WebSocket) -> Result<()> {
    for number in (1..=3).rev() {
        socket.feed(Message::text(format!("{number} "))).await?;
        sleep(Duration::from_millis(10)).await;
        socket.flush().await?;
        pause(socket, BEAT - Duration::from_millis(10)).await?;
    }
    Ok(())
}

pub async fn counts_for_all_clients_together(socket: &mut WebSocket) -> Result<()> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    for _ in 0..3 {
        let number = 3 - NUMBER.fetch_add(1, Ordering::Relaxed) % 3;
        socket.send(Message::text(format!("{number} "))).await?;
        pause(socket, BEAT).await?;
    }
    Ok(())
}

pub async fn counts_for_one_client_at_a_time(socket: &mut WebSocket) -> Result<()> {
    static ONE: Mutex<()> = Mutex::const_new(());
    let _one = ONE.lock().await;
    for number in (1..=3).rev() {
        socket.send(Message::text(format!("{number} "))).await?;
        pause(socket, BEAT).await?;
    }
    Ok(())
}

pub async fn flushes_only_the_first(socket: &mut WebSocket) -> Result<()> {
    for number in (1..=3).rev() {
        socket.feed(Message::text(format!("{number} "))).await?;
        if number == 3 {
            socket.flush().await?;
        }
        pause(socket, BEAT).await?;
    }
    Ok(())
}

pub async fn sends_from_a_task_that_outlives_it(socket: &mut WebSocket) -> Result<()> {
    let (sender, mut numbers) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        for number in (-100..=3).rev() {
            let _ = sender.send(number);
            sleep(BEAT).await;
        }
    });
    while let Some(number @ 1..) = numbers.recv().await {
        socket.send(Message::text(format!("{number} "))).await?;
    }
    Ok(())
}

pub async fn blocks_and_flushes(socket: &mut WebSocket) -> Result<()> {
    for number in (1..=3).rev() {
        socket.send(Message::text(format!("{number} "))).await?;
        thread::sleep(BEAT);
    }
    Ok(())
}

pub async fn forgets_the_last_wait(socket: &mut WebSocket) -> Result<()> {
    for number in [3, 2] {
        socket.send(Message::text(format!("{number} "))).await?;
        pause(socket, BEAT).await?;
    }
    socket.send(Message::text("1 ")).await?;
    Ok(())
}

pub async fn counts_up(socket: &mut WebSocket) -> Result<()> {
    for number in 1..=3 {
        socket.send(Message::text(format!("{number} "))).await?;
        pause(socket, BEAT).await?;
    }
    Ok(())
}
