use anyhow::Result;
use futures_util::{SinkExt, StreamExt};
use std::{collections::VecDeque, future::pending, pin::pin, time::Duration};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout_at},
};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use websocket_streaming::{WebSocket, next_text};

right! { stop_when_left, served:
    queues_in_a_channel,
    selects_with_a_deadline,
    splits_the_socket,
    counts_in_seconds,
    joins_two_futures,
}

pub const THOUGHT: Duration = Duration::from_millis(500);

pub async fn queues_in_a_channel(socket: &mut WebSocket) -> Result<()> {
    translate_with(socket, translate_word).await
}

pub async fn selects_with_a_deadline(socket: &mut WebSocket) -> Result<()> {
    let mut waiting: VecDeque<String> = VecDeque::new();
    'sentences: loop {
        let Some(sentence) = waiting.pop_front() else {
            match next_text(socket).await? {
                Some(text) => waiting.push_back(text.to_string()),
                None => break 'sentences,
            }
            continue;
        };
        for word in sentence.split_whitespace() {
            let deadline = Instant::now() + THOUGHT;
            while Instant::now() < deadline {
                if waiting.len() > 50 {
                    sleep_until(deadline).await;
                    break;
                }
                match timeout_at(deadline, next_text(socket)).await {
                    Ok(text) => match text? {
                        Some(text) => waiting.push_back(text.to_string()),
                        None => break 'sentences,
                    },
                    Err(_elapsed) => break,
                }
            }
            socket.send(Message::text(format!("{} ", translate_word(word)))).await?;
        }
        socket.send(Message::text("")).await?;
    }
    Ok(())
}

pub async fn splits_the_socket(socket: &mut WebSocket) -> Result<()> {
    let (mut sink, stream) = socket.split();
    let (sender, mut sentences) = mpsc::channel::<Utf8Bytes>(16);
    let read = async move {
        let mut stream = stream;
        while let Some(message) = stream.next().await {
            if let Message::Text(text) = message? {
                sender.send(text).await?;
            }
        }
        Ok(())
    };
    let write = async {
        while let Some(sentence) = sentences.recv().await {
            for word in sentence.split_whitespace() {
                sleep(THOUGHT).await;
                sink.send(Message::text(format!("{} ", translate_word(word)))).await?;
            }
            sink.send(Message::text("")).await?;
        }
        pending().await
    };
    tokio::select! {
        ended = read => ended,
        ended = write => ended,
    }
}

pub async fn counts_in_seconds(socket: &mut WebSocket) -> Result<()> {
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
            let mut thought = pin!(sleep(Duration::from_secs_f32(0.5)));
            loop {
                tokio::select! {
                    () = &mut thought => break,
                    text = next_text(socket), if waiting.len() < 100 => match text? {
                        Some(sentence) => waiting.push_back(sentence),
                        None => return Ok(()),
                    },
                }
            }
            socket.feed(Message::text(format!("{} ", translate_word(word)))).await?;
            socket.flush().await?;
        }
        socket.send(Message::text("")).await?;
    }
}

/// The translation is a task of its own, in a set that ends with this function.
pub async fn joins_two_futures(socket: &mut WebSocket) -> Result<()> {
    let (sentences, mut to_translate) = mpsc::channel::<Utf8Bytes>(16);
    let (words, mut translated) = mpsc::channel(1);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
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
            text = next_text(socket), if sentences.capacity() > 0 => match text? {
                Some(sentence) => sentences.try_send(sentence)?,
                None => return Ok(()),
            },
        }
    }
}

pub async fn translate_with(socket: &mut WebSocket, translate: fn(&str) -> &str) -> Result<()> {
    let (sender, mut waiting) = mpsc::channel::<Utf8Bytes>(16);
    loop {
        let sentence = match waiting.try_recv() {
            Ok(sentence) => sentence,
            Err(_) => match next_text(socket).await? {
                Some(sentence) => sentence,
                None => return Ok(()),
            },
        };
        for word in sentence.split_whitespace() {
            let mut thought = pin!(sleep(THOUGHT));
            loop {
                tokio::select! {
                    biased;
                    () = thought.as_mut() => break,
                    text = next_text(socket), if sender.capacity() > 0 => match text? {
                        Some(text) => sender.send(text).await?,
                        None => return Ok(()),
                    },
                }
            }
            socket.send(Message::text(format!("{} ", translate(word)))).await?;
        }
        socket.send(Message::text("")).await?;
    }
}

pub fn translate_word(word: &str) -> &str {
    match word.to_lowercase().as_str() {
        "hello" => "你好",
        "world" => "世界",
        "this" => "这",
        "is" => "是",
        "a" => "一个",
        "test" => "测试",
        _ => word,
    }
}
