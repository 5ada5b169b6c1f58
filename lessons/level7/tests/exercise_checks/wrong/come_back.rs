use std::time::Duration;

use anyhow::{Result, bail};
use futures_util::{StreamExt, future::BoxFuture};
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::{Error, Message, protocol::frame::coding::CloseCode};
use websocket_streaming::{CloseWith, ConnectError, ConnectErrorKind, WebSocket, close, next_text};

mistakes! { come_back, dialing:
    gives_up_at_once => "Too early an end: your client returns an error at 200 ms; due was: client connects at 1200 ms",
    comes_back_for_ever => "connects came once more, where returns an error was due",
    comes_back_without_a_wait => "The right line, but 1,000 ms too early",
    comes_back_every_second => "The right line, but 1,000 ms too early",
    never_begins_anew_with_a_short_wait => "Nothing came after 1,500 ms; due was: client connects at 8400 ms",
    begins_anew_when_it_is_connected => "The right line, but 1,000 ms too early",
    waits_longer_and_longer => "Too late: client connects came at 63000 ms; due was 61000 ms",
    gives_up_where_nobody_is => "Too early an end: your client returns an error at 1200 ms; due was: client connects at 3200 ms",
    gives_up_at_any_refusal => "Too early an end: your client returns an error at 3200 ms; due was: client connects at 7200 ms",
    comes_back_after_any_refusal => "connects came once more, where returns an error was due",
    comes_back_after_any_4xx => "due was: client returns an error at 1200 ms",
    comes_back_after_1008 => "A server that closes with 1008, as for a flood",
    takes_any_close_for_the_end => "Too early an end: your client",
    leaves_without_an_answer => "due was: client close 1012",
    loses_what_it_had => "your client returns \"three\"; due was: returns \"one two three\"",
    takes_every_end_for_peace => "Too early an end: your client returns \"one\"",
}

pub type Dial = Box<dyn Fn() -> BoxFuture<'static, Result<WebSocket, ConnectError>> + Send + Sync>;

#[derive(Debug)]
enum End {
    NotConnected(ConnectErrorKind),
    Closed(CloseCode),
    #[allow(dead_code, reason = "it is shown")]
    Broken(Error),
    Over,
}

async fn attempt(dial: &Dial, texts: &mut Vec<String>) -> End {
    let mut socket = match dial().await {
        Ok(socket) => socket,
        Err(error) => return End::NotConnected(error.kind),
    };
    let end = read(&mut socket, texts).await;
    close(&mut socket, CloseWith::normal()).await;
    end
}

async fn read(socket: &mut WebSocket, texts: &mut Vec<String>) -> End {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => texts.push(text.to_string()),
            Some(Ok(Message::Close(Some(frame)))) => return End::Closed(frame.code),
            Some(Ok(_)) => {}
            Some(Err(error)) => return End::Broken(error),
            None => return End::Over,
        }
    }
}

/// What may pass, as it should be.
fn may_pass(end: &End) -> bool {
    match end {
        End::NotConnected(ConnectErrorKind::Refused(status)) => {
            status.is_server_error() || [408, 429].contains(&status.as_u16())
        }
        End::Closed(code) => [1001, 1011, 1012, 1013].contains(&u16::from(*code)),
        End::NotConnected(_) | End::Broken(_) | End::Over => true,
    }
}

/// What is right but for one thing: what may pass, or how long it waits.
async fn with(
    dial: Dial,
    may_pass: impl Fn(&End) -> bool,
    next: fn(waited: u64, connected: bool, heard: bool) -> u64,
) -> Result<String> {
    let (mut texts, mut waited) = (Vec::new(), 0);
    loop {
        let before = texts.len();
        let end = attempt(&dial, &mut texts).await;
        if matches!(end, End::Closed(CloseCode::Normal)) {
            return Ok(texts.join(" "));
        }
        if !may_pass(&end) {
            bail!("{end:?}");
        }
        let connected = !matches!(end, End::NotConnected(_));
        waited = next(waited, connected, texts.len() > before);
        sleep(Duration::from_secs(waited)).await;
    }
}

fn doubled(waited: u64, _connected: bool, heard: bool) -> u64 {
    if heard || waited == 0 { 1 } else { (waited * 2).min(30) }
}

pub async fn gives_up_at_once(dial: Dial) -> Result<String> {
    with(dial, |_| false, doubled).await
}

pub async fn comes_back_for_ever(dial: Dial) -> Result<String> {
    with(dial, |_| true, doubled).await
}

pub async fn comes_back_without_a_wait(dial: Dial) -> Result<String> {
    with(dial, may_pass, |_, _, _| 0).await
}

pub async fn comes_back_every_second(dial: Dial) -> Result<String> {
    with(dial, may_pass, |_, _, _| 1).await
}

pub async fn never_begins_anew_with_a_short_wait(dial: Dial) -> Result<String> {
    with(dial, may_pass, |waited, _, _| doubled(waited, true, false)).await
}

pub async fn begins_anew_when_it_is_connected(dial: Dial) -> Result<String> {
    with(dial, may_pass, |waited, connected, _| doubled(waited, true, connected)).await
}

pub async fn waits_longer_and_longer(dial: Dial) -> Result<String> {
    let next = |waited, _, heard: bool| if heard || waited == 0 { 1 } else { waited * 2 };
    with(dial, may_pass, next).await
}

pub async fn gives_up_where_nobody_is(dial: Dial) -> Result<String> {
    let is_nobody = |end: &End| matches!(end, End::NotConnected(ConnectErrorKind::Tcp(_)));
    with(dial, move |end| may_pass(end) && !is_nobody(end), doubled).await
}

pub async fn gives_up_at_any_refusal(dial: Dial) -> Result<String> {
    let no = |end: &End| matches!(end, End::NotConnected(ConnectErrorKind::Refused(_)));
    with(dial, move |end| may_pass(end) && !no(end), doubled).await
}

pub async fn comes_back_after_any_refusal(dial: Dial) -> Result<String> {
    with(dial, |end| may_pass(end) || matches!(end, End::NotConnected(_)), doubled).await
}

pub async fn comes_back_after_any_4xx(dial: Dial) -> Result<String> {
    let may = |end: &End| match end {
        End::NotConnected(ConnectErrorKind::Refused(status)) => status.as_u16() != 403,
        end => may_pass(end),
    };
    with(dial, may, doubled).await
}

pub async fn comes_back_after_1008(dial: Dial) -> Result<String> {
    let is_policy = |end: &End| matches!(end, End::Closed(CloseCode::Policy));
    with(dial, move |end| may_pass(end) || is_policy(end), doubled).await
}

/// `next_text` says `None` for every close, and hides its code.
pub async fn takes_any_close_for_the_end(dial: Dial) -> Result<String> {
    let (mut texts, mut waited) = (Vec::new(), 0);
    loop {
        if let Ok(mut socket) = dial().await {
            while let Ok(text) = next_text(&mut socket).await {
                match text {
                    Some(text) => texts.push(text.to_string()),
                    None => return Ok(texts.join(" ")),
                }
                waited = 0;
            }
        }
        waited = doubled(waited, true, false);
        sleep(Duration::from_secs(waited)).await;
    }
}

pub async fn leaves_without_an_answer(dial: Dial) -> Result<String> {
    let (mut texts, mut waited) = (Vec::new(), 0);
    loop {
        let before = texts.len();
        let end = match dial().await {
            Ok(mut socket) => read(&mut socket, &mut texts).await,
            Err(error) => End::NotConnected(error.kind),
        };
        if matches!(end, End::Closed(CloseCode::Normal)) {
            return Ok(texts.join(" "));
        }
        if !may_pass(&end) {
            bail!("{end:?}");
        }
        waited = doubled(waited, true, texts.len() > before);
        sleep(Duration::from_secs(waited)).await;
    }
}

pub async fn loses_what_it_had(dial: Dial) -> Result<String> {
    let mut waited = 0;
    loop {
        let mut texts = Vec::new();
        let end = attempt(&dial, &mut texts).await;
        if matches!(end, End::Closed(CloseCode::Normal)) {
            return Ok(texts.join(" "));
        }
        if !may_pass(&end) {
            bail!("{end:?}");
        }
        waited = doubled(waited, true, !texts.is_empty());
        sleep(Duration::from_secs(waited)).await;
    }
}

pub async fn takes_every_end_for_peace(dial: Dial) -> Result<String> {
    let mut texts = Vec::new();
    attempt(&dial, &mut texts).await;
    Ok(texts.join(" "))
}
