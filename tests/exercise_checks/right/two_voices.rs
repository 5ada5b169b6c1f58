use std::{pin::pin, time::Duration};

use anyhow::Result;
use futures_util::{
    SinkExt, StreamExt,
    future::join,
    stream::{self, FuturesUnordered},
};
use tokio::{sync::mpsc, task::JoinSet, time::sleep};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use websocket_streaming::{WebSocket, next_text};

right! { two_voices, served:
    speaks_through_a_channel,
    spawns_into_a_set,
    goes_by_futures,
    counts_in_seconds,
}

const VOICES: [(&str, u64); 2] = [("de", 300), ("zh", 500)];

async fn speak(
    sentence: &str,
    language: &'static str,
    thought: Duration,
    sender: mpsc::Sender<String>,
) {
    for word in sentence.split_whitespace() {
        sleep(thought).await;
        let message = format!("{language} {}", translate_word(word, language));
        if sender.send(message).await.is_err() {
            return;
        }
    }
    let _ = sender.send(language.to_string()).await;
}

async fn hear_it_leave(socket: &mut WebSocket, mut words: mpsc::Receiver<String>) -> Result<()> {
    loop {
        tokio::select! {
            word = words.recv() => match word {
                Some(word) => socket.send(Message::text(word)).await?,
                None => return Ok(()),
            },
            text = next_text(socket) => match text? {
                Some(_) => {}
                None => return Ok(()),
            },
        }
    }
}

pub async fn speaks_through_a_channel(socket: &mut WebSocket) -> Result<()> {
    let Some(sentence) = next_text(socket).await? else { return Ok(()) };
    let (sender, words) = mpsc::channel(1);
    let [german, chinese] = VOICES.map(|(language, ms)| {
        speak(&sentence, language, Duration::from_millis(ms), sender.clone())
    });
    drop(sender);
    let mut both = pin!(join(german, chinese));
    let mut heard = pin!(hear_it_leave(socket, words));
    tokio::select! {
        _ = &mut both => heard.await,
        ended = &mut heard => ended,
    }
}

pub async fn spawns_into_a_set(socket: &mut WebSocket) -> Result<()> {
    let Some(sentence) = next_text(socket).await? else { return Ok(()) };
    let (sender, words) = mpsc::channel(16);
    let mut tasks = JoinSet::new();
    for (language, ms) in VOICES {
        let (sentence, sender) = (sentence.clone(), sender.clone());
        tasks.spawn(async move {
            speak(&sentence, language, Duration::from_millis(ms), sender).await;
        });
    }
    drop(sender);
    hear_it_leave(socket, words).await
}

pub async fn goes_by_futures(socket: &mut WebSocket) -> Result<()> {
    let Some(sentence) = next_text(socket).await? else { return Ok(()) };
    let next = |language, ms, number| {
        let sentence: Utf8Bytes = sentence.clone();
        async move {
            let word = sentence.split_whitespace().nth(number);
            match word {
                Some(word) => {
                    sleep(Duration::from_millis(ms)).await;
                    let word = translate_word(word, language);
                    (language, ms, Some(number + 1), format!("{language} {word}"))
                }
                None => (language, ms, None, language.to_string()),
            }
        }
    };
    let mut running = FuturesUnordered::new();
    for (language, ms) in VOICES {
        running.push(next(language, ms, 0));
    }
    while !running.is_empty() {
        tokio::select! {
            Some((language, ms, number, message)) = running.next() => {
                socket.send(Message::text(message)).await?;
                running.extend(number.map(|number| next(language, ms, number)));
            }
            text = next_text(socket) => if text?.is_none() { break },
        }
    }
    Ok(())
}

pub async fn counts_in_seconds(socket: &mut WebSocket) -> Result<()> {
    let Some(sentence) = next_text(socket).await? else { return Ok(()) };
    let voice = |language: &'static str, seconds| {
        let words: Vec<String> = sentence.split(' ').map(String::from).collect();
        let words = stream::iter(words).then(move |word| async move {
            sleep(Duration::from_secs_f32(seconds)).await;
            format!("{language} {}", translate_word(&word, language))
        });
        words.chain(stream::iter([language.to_string()])).boxed()
    };
    let mut both = stream::select_all([voice("de", 0.3), voice("zh", 0.5)]);
    loop {
        tokio::select! {
            message = both.next() => {
                let Some(message) = message else { return Ok(()) };
                socket.send(message.into()).await?;
            }
            text = next_text(socket) => if text?.is_none() { return Ok(()) },
        }
    }
}

fn translate_word<'a>(word: &'a str, language: &str) -> &'a str {
    match (language, word.to_lowercase().as_str()) {
        ("de", "hello") => "hallo",
        ("de", "world") => "Welt",
        ("de", "this") => "dies",
        ("de", "is") => "ist",
        ("de", "a") => "ein",
        ("de", "test") => "Test",
        ("zh", "hello") => "你好",
        ("zh", "world") => "世界",
        ("zh", "this") => "这",
        ("zh", "is") => "是",
        ("zh", "a") => "一个",
        ("zh", "test") => "测试",
        _ => word,
    }
}
