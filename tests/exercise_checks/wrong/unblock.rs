use crate::right::unblock::THOUGHT;
use anyhow::Result;
use futures_util::{SinkExt, StreamExt, stream::FuturesUnordered};
use std::{collections::HashSet, pin::pin, thread, time::Duration};
use tokio::{
    runtime::Handle,
    sync::{Mutex, Semaphore, oneshot},
    task::{spawn_blocking, yield_now},
    time::{Instant, interval, sleep},
};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text, pause};

mistakes! { unblock, served:
    is_not_repaired => "ms of real time, and meanwhile nothing else could run",
    blocks_on_a_future => "Cannot start a runtime from within a runtime",
    forgets_the_await => "300 ms too early.",
    waits_for_a_thread => "ms of real time, and meanwhile nothing else could run",
    takes_a_thread_of_its_own => "It waited on another thread",
    pauses_and_loses_messages => "`pause` drops the texts that come while it waits",
    thinks_for_one_client_at_a_time => "Four clients at the same time",
    thinks_on_a_beat_from_the_start => "too early",
    forgets_a_thought_when_a_message_comes => "The judge also plays others",
    thinks_about_all_at_the_same_time => "too early",
    blocks_half_of_the_time => "`std::thread::sleep`",
    blocks_after_the_reply => "`std::thread::sleep`",
    blocks_in_a_task_of_its_own => "`std::thread::sleep`",
    waits_for_a_thread_by_a_channel => "does not wait for a thread of your own",
    thinks_about_the_last_first => "The judge also plays others",
    remembers_what_it_has_thought => "too early",
    thinks_for_three_clients_at_most => "Four clients at the same time",
    thinks_a_little_less => "too early",
    plays_the_header => "The judge also plays others",
    answers_only_every_second => "Nothing came",
    spins_with_an_await => "still busy after 5 s",
}

pub async fn is_not_repaired(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        thread::sleep(THOUGHT);
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    Ok(())
}

pub async fn blocks_on_a_future(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        Handle::current().block_on(sleep(THOUGHT));
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    Ok(())
}

pub async fn forgets_the_await(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        drop(sleep(THOUGHT));
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    Ok(())
}

pub async fn waits_for_a_thread(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        let _ = thread::spawn(|| thread::sleep(THOUGHT)).join();
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    Ok(())
}

pub async fn takes_a_thread_of_its_own(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        spawn_blocking(|| thread::sleep(THOUGHT)).await?;
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    Ok(())
}

pub async fn pauses_and_loses_messages(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        pause(socket, THOUGHT).await?;
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    Ok(())
}

pub async fn thinks_for_one_client_at_a_time(socket: &mut WebSocket) -> Result<()> {
    static BRAIN: Mutex<()> = Mutex::const_new(());
    while let Some(text) = next_text(socket).await? {
        let _brain = BRAIN.lock().await;
        sleep(THOUGHT).await;
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    Ok(())
}

pub async fn thinks_on_a_beat_from_the_start(socket: &mut WebSocket) -> Result<()> {
    let mut beat = interval(THOUGHT);
    beat.tick().await;
    while let Some(text) = next_text(socket).await? {
        beat.tick().await;
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    Ok(())
}

pub async fn forgets_a_thought_when_a_message_comes(socket: &mut WebSocket) -> Result<()> {
    let mut next = next_text(socket).await?;
    while let Some(text) = next {
        next = tokio::select! {
            () = sleep(THOUGHT) => {
                socket.send(Message::text(format!("I thought about: {text}"))).await?;
                next_text(socket).await?
            }
            another = next_text(socket) => another?,
        };
    }
    Ok(())
}

pub async fn thinks_about_all_at_the_same_time(socket: &mut WebSocket) -> Result<()> {
    let mut thoughts = FuturesUnordered::new();
    loop {
        tokio::select! {
            Some(text) = thoughts.next() => socket.send(Message::text(text)).await?,
            text = next_text(socket) => match text? {
                Some(text) => thoughts.push(async move {
                    sleep(THOUGHT).await;
                    format!("I thought about: {text}")
                }),
                None => return Ok(()),
            },
        }
    }
}

pub async fn blocks_half_of_the_time(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        thread::sleep(THOUGHT / 2);
        sleep(THOUGHT / 2).await;
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    Ok(())
}

pub async fn blocks_after_the_reply(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        sleep(THOUGHT).await;
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
        thread::sleep(THOUGHT);
    }
    Ok(())
}

pub async fn blocks_in_a_task_of_its_own(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        tokio::spawn(async { thread::sleep(THOUGHT) }).await?;
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    Ok(())
}

pub async fn waits_for_a_thread_by_a_channel(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        let (sender, done) = oneshot::channel();
        thread::spawn(|| {
            thread::sleep(THOUGHT);
            sender.send(())
        });
        done.await?;
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    Ok(())
}

pub async fn thinks_a_little_less(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        sleep(THOUGHT - Duration::from_millis(1)).await;
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    Ok(())
}

pub async fn plays_the_header(socket: &mut WebSocket) -> Result<()> {
    let mut number = 0;
    while next_text(socket).await?.is_some() {
        number += 1;
        sleep(THOUGHT).await;
        socket.send(Message::text(format!("I thought about: Message {number}"))).await?;
    }
    Ok(())
}

pub async fn answers_only_every_second(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        sleep(THOUGHT).await;
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
        next_text(socket).await?;
    }
    Ok(())
}

pub async fn spins_with_an_await(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        let start = Instant::now();
        while start.elapsed() < THOUGHT {
            yield_now().await;
        }
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    Ok(())
}

pub async fn thinks_about_the_last_first(socket: &mut WebSocket) -> Result<()> {
    let mut waiting = Vec::new();
    loop {
        let text = match waiting.pop() {
            Some(text) => text,
            None => match next_text(socket).await? {
                Some(text) => text,
                None => return Ok(()),
            },
        };
        let mut thought = pin!(sleep(THOUGHT));
        loop {
            tokio::select! {
                () = &mut thought => break,
                text = next_text(socket) => match text? {
                    Some(text) => waiting.push(text),
                    None => return Ok(()),
                },
            }
        }
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
}

pub async fn remembers_what_it_has_thought(socket: &mut WebSocket) -> Result<()> {
    let mut thoughts = HashSet::new();
    while let Some(text) = next_text(socket).await? {
        if thoughts.insert(text.clone()) {
            sleep(THOUGHT).await;
        }
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    Ok(())
}

pub async fn thinks_for_three_clients_at_most(socket: &mut WebSocket) -> Result<()> {
    static BRAINS: Semaphore = Semaphore::const_new(3);
    while let Some(text) = next_text(socket).await? {
        let _brain = BRAINS.acquire().await?;
        sleep(THOUGHT).await;
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    Ok(())
}
