use crate::right::stop_when_left::{THOUGHT, queues_in_a_channel, translate_with, translate_word};
use anyhow::Result;
use futures_util::SinkExt;
use std::{collections::VecDeque, pin::pin, thread, time::Duration};
use tokio::{
    sync::{Mutex, mpsc},
    time::{interval, sleep, timeout},
};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use websocket_streaming::{WebSocket, next_text, pause};

mistakes! { stop_when_left, served:
    is_not_changed => "server pong \"alive?\" came at 1000 ms; due was 250 ms",
    loses_a_sentence_that_comes_meanwhile => "due was: server \"一个 \" at 1500 ms",
    begins_to_wait_anew_with_each_message => "came at 1200 ms; due was 1000 ms",
    works_on_for_nobody => "transcript 2 of 3",
    works_on_when_the_client_vanishes => "600 ms after the other side had vanished, your function was still running",
    keeps_everything_that_comes => "a client can fill the memory",
    keeps_one_sentence_only => "The judge also plays others",
    translates_the_last_first => "The judge also plays others",
    spawns_and_forgets => "there were still tasks at work",
    stops_three_words_later => "was still running",
    goes_by_a_clock_from_the_start => "The judge also plays others",
    ends_with_the_first_long_silence => "Too early an end",
    waits_for_one_client_at_a_time => "at the same time",
    ignores_an_empty_sentence => "The judge also plays others",
    pauses_and_loses_sentences => "`pause` drops the texts that come while it waits",
    knows_the_words_of_the_header_alone => "The judge also plays others",
    blocks_beside_its_sleep => "`std::thread::sleep`",
    goes_on_with_the_queue_after_a_close => "your function had not returned",
}

pub async fn is_not_changed(socket: &mut WebSocket) -> Result<()> {
    while let Some(sentence) = next_text(socket).await? {
        for word in sentence.split_whitespace() {
            sleep(THOUGHT).await;
            socket.send(Message::text(format!("{} ", translate_word(word)))).await?;
        }
        socket.send(Message::text("")).await?;
    }
    Ok(())
}

pub async fn loses_a_sentence_that_comes_meanwhile(socket: &mut WebSocket) -> Result<()> {
    while let Some(sentence) = next_text(socket).await? {
        for word in sentence.split_whitespace() {
            pause(socket, THOUGHT).await?;
            socket.send(Message::text(format!("{} ", translate_word(word)))).await?;
        }
        socket.send(Message::text("")).await?;
    }
    Ok(())
}

pub async fn begins_to_wait_anew_with_each_message(socket: &mut WebSocket) -> Result<()> {
    let mut waiting = VecDeque::new();
    loop {
        let sentence = match waiting.pop_front() {
            Some(sentence) => sentence,
            None => match next_text(socket).await? {
                Some(sentence) => sentence,
                None => return Ok(()),
            },
        };
        for word in sentence.split_whitespace() {
            loop {
                tokio::select! {
                    () = sleep(THOUGHT) => break,
                    text = next_text(socket) => match text? {
                        Some(sentence) => waiting.push_back(sentence),
                        None => return Ok(()),
                    },
                }
            }
            socket.send(Message::text(format!("{} ", translate_word(word)))).await?;
        }
        socket.send(Message::text("")).await?;
    }
}

/// It stops to send, but the work goes on: often that is what costs.
pub async fn works_on_for_nobody(socket: &mut WebSocket) -> Result<()> {
    let mut waiting = VecDeque::new();
    let mut left = false;
    loop {
        let sentence = match waiting.pop_front() {
            Some(sentence) => sentence,
            None if left => return Ok(()),
            None => match next_text(socket).await? {
                Some(sentence) => sentence,
                None => return Ok(()),
            },
        };
        for word in sentence.split_whitespace() {
            let mut thought = pin!(sleep(THOUGHT));
            loop {
                tokio::select! {
                    () = &mut thought => break,
                    text = next_text(socket), if !left => match text {
                        Ok(Some(sentence)) => waiting.push_back(sentence),
                        Ok(None) | Err(_) => left = true,
                    },
                }
            }
            if !left {
                socket.send(Message::text(format!("{} ", translate_word(word)))).await?;
            }
        }
        if !left {
            socket.send(Message::text("")).await?;
        }
    }
}

/// A close is noticed, an error is not.
pub async fn works_on_when_the_client_vanishes(socket: &mut WebSocket) -> Result<()> {
    let mut waiting = VecDeque::new();
    let mut lost = false;
    loop {
        let sentence = match waiting.pop_front() {
            Some(sentence) => sentence,
            None => match next_text(socket).await? {
                Some(sentence) => sentence,
                None => return Ok(()),
            },
        };
        for word in sentence.split_whitespace() {
            let mut thought = pin!(sleep(THOUGHT));
            loop {
                tokio::select! {
                    () = &mut thought => break,
                    text = next_text(socket), if !lost => match text {
                        Ok(Some(sentence)) => waiting.push_back(sentence),
                        Ok(None) => return Ok(()),
                        Err(_) => lost = true,
                    },
                }
            }
            let _ = socket.send(Message::text(format!("{} ", translate_word(word)))).await;
        }
        let _ = socket.send(Message::text("")).await;
    }
}

/// A client that sends and sends can fill its memory.
pub async fn keeps_everything_that_comes(socket: &mut WebSocket) -> Result<()> {
    one_after_another(socket, |waiting, text| waiting.push_back(text)).await
}

pub async fn keeps_one_sentence_only(socket: &mut WebSocket) -> Result<()> {
    one_after_another(socket, |waiting, text| {
        waiting.clear();
        waiting.push_back(text);
    })
    .await
}

pub async fn translates_the_last_first(socket: &mut WebSocket) -> Result<()> {
    one_after_another(socket, |waiting, text| waiting.push_front(text)).await
}

pub async fn ignores_an_empty_sentence(socket: &mut WebSocket) -> Result<()> {
    one_after_another(socket, |waiting, text| {
        if !text.is_empty() {
            waiting.push_back(text);
        }
    })
    .await
}

async fn one_after_another(
    socket: &mut WebSocket,
    keep: fn(&mut VecDeque<Utf8Bytes>, Utf8Bytes),
) -> Result<()> {
    let mut waiting = VecDeque::new();
    loop {
        let sentence = match waiting.pop_front() {
            Some(sentence) => sentence,
            None => match next_text(socket).await? {
                Some(sentence) => sentence,
                None => return Ok(()),
            },
        };
        for word in sentence.split_whitespace() {
            let mut thought = pin!(sleep(THOUGHT));
            loop {
                tokio::select! {
                    () = &mut thought => break,
                    text = next_text(socket) => match text? {
                        Some(sentence) => keep(&mut waiting, sentence),
                        None => return Ok(()),
                    },
                }
            }
            socket.send(Message::text(format!("{} ", translate_word(word)))).await?;
        }
        socket.send(Message::text("")).await?;
    }
}

/// The translation runs in a task that nobody stops.
pub async fn spawns_and_forgets(socket: &mut WebSocket) -> Result<()> {
    let (sentences, mut to_translate) = mpsc::channel::<Utf8Bytes>(16);
    let (words, mut translated) = mpsc::channel(16);
    tokio::spawn(async move {
        while let Some(sentence) = to_translate.recv().await {
            for word in sentence.split_whitespace() {
                sleep(THOUGHT).await;
                let _ = words.send(format!("{} ", translate_word(word))).await;
            }
            let _ = words.send(String::new()).await;
        }
    });
    loop {
        tokio::select! {
            Some(word) = translated.recv() => socket.send(Message::text(word)).await?,
            permit = sentences.reserve() => {
                let permit = permit?;
                tokio::select! {
                    Some(word) = translated.recv() => socket.send(Message::text(word)).await?,
                    text = next_text(socket) => match text? {
                        Some(sentence) => permit.send(sentence),
                        None => return Ok(()),
                    },
                }
            }
        }
    }
}

pub async fn stops_three_words_later(socket: &mut WebSocket) -> Result<()> {
    let mut waiting = VecDeque::new();
    let mut left = 0;
    loop {
        let sentence = match waiting.pop_front() {
            Some(sentence) => sentence,
            None if left > 0 => return Ok(()),
            None => match next_text(socket).await? {
                Some(sentence) => sentence,
                None => return Ok(()),
            },
        };
        for word in sentence.split_whitespace() {
            let mut thought = pin!(sleep(THOUGHT));
            loop {
                tokio::select! {
                    () = &mut thought => break,
                    text = next_text(socket), if left == 0 && waiting.len() < 16 => match text {
                        Ok(Some(sentence)) => waiting.push_back(sentence),
                        Ok(None) | Err(_) => left = 1,
                    },
                }
            }
            match left {
                0 => socket.send(Message::text(format!("{} ", translate_word(word)))).await?,
                1..3 => left += 1,
                _ => return Ok(()),
            }
        }
        if left == 0 {
            socket.send(Message::text("")).await?;
        }
    }
}

pub async fn goes_by_a_clock_from_the_start(socket: &mut WebSocket) -> Result<()> {
    let mut clock = interval(THOUGHT);
    clock.tick().await;
    let mut waiting: VecDeque<String> = VecDeque::new();
    loop {
        tokio::select! {
            _ = clock.tick() => {
                if let Some(word) = waiting.pop_front() {
                    socket.send(Message::text(word)).await?;
                }
                if waiting.front().is_some_and(String::is_empty) {
                    waiting.pop_front();
                    socket.send(Message::text("")).await?;
                }
            }
            text = next_text(socket), if waiting.len() < 50 => match text? {
                Some(sentence) => {
                    let words = sentence.split_whitespace();
                    waiting.extend(words.map(|word| format!("{} ", translate_word(word))));
                    waiting.push_back(String::new());
                }
                None => return Ok(()),
            },
        }
    }
}

pub async fn ends_with_the_first_long_silence(socket: &mut WebSocket) -> Result<()> {
    while let Ok(sentence) = timeout(THOUGHT / 2, next_text(socket)).await {
        let Some(sentence) = sentence? else { break };
        for word in sentence.split_whitespace() {
            pause(socket, THOUGHT).await?;
            socket.send(Message::text(format!("{} ", translate_word(word)))).await?;
        }
        socket.send(Message::text("")).await?;
    }
    Ok(())
}

pub async fn waits_for_one_client_at_a_time(socket: &mut WebSocket) -> Result<()> {
    static ONE: Mutex<()> = Mutex::const_new(());
    let _one = ONE.lock().await;
    queues_in_a_channel(socket).await
}

pub async fn pauses_and_loses_sentences(socket: &mut WebSocket) -> Result<()> {
    while let Some(sentence) = next_text(socket).await? {
        for word in sentence.split_whitespace() {
            pause(socket, THOUGHT).await?;
            socket.send(Message::text(format!("{} ", translate_word(word)))).await?;
        }
        socket.send(Message::text("")).await?;
    }
    Ok(())
}

pub async fn knows_the_words_of_the_header_alone(socket: &mut WebSocket) -> Result<()> {
    translate_with(socket, |word| match word {
        "Hello" => "你好",
        "world" => "世界",
        "this" => "这",
        "is" => "是",
        "a" => "一个",
        _ => "测试",
    })
    .await
}

pub async fn blocks_beside_its_sleep(socket: &mut WebSocket) -> Result<()> {
    translate_with(socket, |word| {
        thread::sleep(Duration::from_millis(100));
        translate_word(word)
    })
    .await
}

pub async fn goes_on_with_the_queue_after_a_close(socket: &mut WebSocket) -> Result<()> {
    let mut waiting: VecDeque<Utf8Bytes> = VecDeque::new();
    let mut left = false;
    while let Some(sentence) = match waiting.pop_front() {
        Some(sentence) => Some(sentence),
        None if left => None,
        None => next_text(socket).await?,
    } {
        for word in sentence.split_whitespace() {
            let mut thought = pin!(sleep(THOUGHT));
            loop {
                tokio::select! {
                    () = &mut thought => break,
                    text = next_text(socket), if !left && waiting.len() < 16 => match text? {
                        Some(sentence) => waiting.push_back(sentence),
                        None => left = true,
                    },
                }
            }
            let _ = socket.send(Message::text(format!("{} ", translate_word(word)))).await;
        }
        let _ = socket.send(Message::text("")).await;
    }
    Ok(())
}
