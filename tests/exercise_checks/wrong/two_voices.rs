use std::{future::ready, pin::pin, time::Duration};

use anyhow::Result;
use futures_util::{SinkExt, Stream, StreamExt, stream};
use tokio::{sync::mpsc, time::sleep};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{WebSocket, next_text};

mistakes! { two_voices, served:
    is_not_changed => "before it pong",
    takes_a_word_of_each_in_turn => "server \"de hallo\" came at 500 ms; due was 300 ms",
    begins_both_waits_anew => "before it \"zh 你好\" was due",
    ends_with_the_first_that_ends => "Too early an end: your server sent close 1000 at 600 ms; due was: server \"zh 世界\"",
    says_the_ends_when_both_are_done => "server \"de\" came at 1000 ms; due was 600 ms",
    is_deaf_while_it_speaks => "before it pong",
    keeps_a_sender => "due was: server close 1000 at 1000 ms",
    waits_for_the_client_when_both_are_done => "due was: server close 1000 at 1000 ms",
    takes_another_text_for_the_end => "server sent close 1000 at 550 ms; due was: server \"zh 这\"",
    works_on_for_nobody => "600 ms after the other side had vanished, your function was still running",
    returns_the_words_of_the_header => "where \"de dies\" was due",
}

const GERMAN: Duration = Duration::from_millis(300);
const CHINESE: Duration = Duration::from_millis(500);

fn translation(
    sentence: &str,
    language: &'static str,
    thought: Duration,
) -> impl Stream<Item = String> {
    let words = words(sentence, language, thought);
    words.chain(stream::once(ready(language.to_string())))
}

fn words(sentence: &str, language: &'static str, thought: Duration) -> impl Stream<Item = String> {
    stream::iter(sentence.split_whitespace()).then(move |word| async move {
        sleep(thought).await;
        format!("{language} {}", translate_word(word, language))
    })
}

/// Writes what comes, and reads meanwhile.
async fn speak(socket: &mut WebSocket, messages: impl Stream<Item = String>) -> Result<()> {
    let mut messages = pin!(messages);
    loop {
        tokio::select! {
            message = messages.next() => match message {
                Some(message) => socket.send(Message::text(message)).await?,
                None => return Ok(()),
            },
            text = next_text(socket) => if text?.is_none() {
                return Ok(());
            },
        }
    }
}

pub async fn is_not_changed(socket: &mut WebSocket) -> Result<()> {
    let Some(sentence) = next_text(socket).await? else { return Ok(()) };
    for (language, thought) in [("de", GERMAN), ("zh", CHINESE)] {
        let mut messages = pin!(translation(&sentence, language, thought));
        while let Some(message) = messages.next().await {
            socket.send(Message::text(message)).await?;
        }
    }
    Ok(())
}

/// The slower one sets the pace.
pub async fn takes_a_word_of_each_in_turn(socket: &mut WebSocket) -> Result<()> {
    let Some(sentence) = next_text(socket).await? else { return Ok(()) };
    let pairs = translation(&sentence, "de", GERMAN).zip(translation(&sentence, "zh", CHINESE));
    speak(socket, pairs.flat_map(|(german, chinese)| stream::iter([german, chinese]))).await
}

/// Each wait begins anew with each turn, and the slower one is never over.
pub async fn begins_both_waits_anew(socket: &mut WebSocket) -> Result<()> {
    let Some(sentence) = next_text(socket).await? else { return Ok(()) };
    let mut german = sentence.split_whitespace();
    let mut chinese = sentence.split_whitespace();
    let mut open = 2;
    while open > 0 {
        let (language, word) = tokio::select! {
            () = sleep(GERMAN) => ("de", german.next()),
            () = sleep(CHINESE) => ("zh", chinese.next()),
            text = next_text(socket) => match text? {
                Some(_) => continue,
                None => return Ok(()),
            },
        };
        let message = match word {
            Some(word) => format!("{language} {}", translate_word(word, language)),
            None => {
                open -= 1;
                language.to_string()
            }
        };
        socket.send(Message::text(message)).await?;
    }
    Ok(())
}

pub async fn ends_with_the_first_that_ends(socket: &mut WebSocket) -> Result<()> {
    let Some(sentence) = next_text(socket).await? else { return Ok(()) };
    let mut german = pin!(translation(&sentence, "de", GERMAN));
    let mut chinese = pin!(translation(&sentence, "zh", CHINESE));
    loop {
        let message = tokio::select! {
            message = german.next() => message,
            message = chinese.next() => message,
            text = next_text(socket) => match text? {
                Some(_) => continue,
                None => return Ok(()),
            },
        };
        let Some(message) = message else { return Ok(()) };
        socket.send(Message::text(message)).await?;
    }
}

pub async fn says_the_ends_when_both_are_done(socket: &mut WebSocket) -> Result<()> {
    let Some(sentence) = next_text(socket).await? else { return Ok(()) };
    let both = stream::select(words(&sentence, "de", GERMAN), words(&sentence, "zh", CHINESE));
    let ends = stream::iter(["de".to_string(), "zh".to_string()]);
    speak(socket, both.chain(ends)).await
}

pub async fn is_deaf_while_it_speaks(socket: &mut WebSocket) -> Result<()> {
    let Some(sentence) = next_text(socket).await? else { return Ok(()) };
    let german = translation(&sentence, "de", GERMAN);
    let mut messages = pin!(stream::select(german, translation(&sentence, "zh", CHINESE)));
    while let Some(message) = messages.next().await {
        socket.send(Message::text(message)).await?;
    }
    Ok(())
}

/// The last sender is the function's own, so that the channel never ends.
pub async fn keeps_a_sender(socket: &mut WebSocket) -> Result<()> {
    let Some(sentence) = next_text(socket).await? else { return Ok(()) };
    let (sender, receiver) = mpsc::channel(16);
    for (language, thought) in [("de", GERMAN), ("zh", CHINESE)] {
        let (sentence, sender) = (sentence.clone(), sender.clone());
        tokio::spawn(async move {
            let mut messages = pin!(translation(&sentence, language, thought));
            while let Some(message) = messages.next().await {
                if sender.send(message).await.is_err() {
                    return;
                }
            }
        });
    }
    let both = stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|message| (message, receiver))
    });
    speak(socket, both).await
}

/// As if another sentence were to come.
pub async fn waits_for_the_client_when_both_are_done(socket: &mut WebSocket) -> Result<()> {
    let Some(sentence) = next_text(socket).await? else { return Ok(()) };
    let german = translation(&sentence, "de", GERMAN);
    let mut messages = pin!(stream::select(german, translation(&sentence, "zh", CHINESE)));
    loop {
        tokio::select! {
            Some(message) = messages.next() => socket.send(Message::text(message)).await?,
            text = next_text(socket) => if text?.is_none() {
                return Ok(());
            },
        }
    }
}

pub async fn takes_another_text_for_the_end(socket: &mut WebSocket) -> Result<()> {
    let Some(sentence) = next_text(socket).await? else { return Ok(()) };
    let german = translation(&sentence, "de", GERMAN);
    let mut messages = pin!(stream::select(german, translation(&sentence, "zh", CHINESE)));
    loop {
        tokio::select! {
            message = messages.next() => match message {
                Some(message) => socket.send(Message::text(message)).await?,
                None => return Ok(()),
            },
            _ = next_text(socket) => return Ok(()),
        }
    }
}

/// `select!` drops a branch whose pattern does not fit, and nobody looks at the errors.
pub async fn works_on_for_nobody(socket: &mut WebSocket) -> Result<()> {
    let Some(sentence) = next_text(socket).await? else { return Ok(()) };
    let german = translation(&sentence, "de", GERMAN);
    let mut messages = pin!(stream::select(german, translation(&sentence, "zh", CHINESE)));
    loop {
        tokio::select! {
            message = messages.next() => match message {
                Some(message) => drop(socket.send(Message::text(message)).await),
                None => return Ok(()),
            },
            Ok(Some(_)) = next_text(socket) => {}
        }
    }
}

/// Deaf to what is said, but not to when.
pub async fn returns_the_words_of_the_header(socket: &mut WebSocket) -> Result<()> {
    if next_text(socket).await?.is_none() {
        return Ok(());
    }
    let german = translation("Hello world", "de", GERMAN);
    speak(socket, stream::select(german, translation("Hello world", "zh", CHINESE))).await
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
