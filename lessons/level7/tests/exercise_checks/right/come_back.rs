use std::{iter, time::Duration};

use anyhow::{Context, Result, bail};
use futures_util::{StreamExt, future::BoxFuture};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};
use websocket_streaming::{ConnectError, ConnectErrorKind, WebSocket};

right! { come_back, dialing:
    has_its_waits_in_a_list,
    counts_its_failures,
}

pub type Dial = Box<dyn Fn() -> BoxFuture<'static, Result<WebSocket, ConnectError>> + Send + Sync>;

/// `Ok` with the end, `Err` where another attempt is in vain.
async fn attempt(dial: &Dial, texts: &mut Vec<String>) -> Result<Option<CloseCode>> {
    let mut socket = match dial().await {
        Ok(socket) => socket,
        Err(ConnectError { kind: ConnectErrorKind::Refused(status), .. }) => {
            return match status.as_u16() {
                408 | 429 | 500..=599 => Ok(None),
                _ => bail!("refused with {status}"),
            };
        }
        Err(ConnectError { kind: ConnectErrorKind::Tcp(_), .. }) => return Ok(None),
        Err(error) => bail!(error),
    };
    let mut code = None;
    // To the very end: so the answer to a close leaves with the next read.
    while let Some(Ok(message)) = socket.next().await {
        match message {
            Message::Text(text) => texts.push(text.to_string()),
            Message::Close(frame) => code = frame.map(|frame| frame.code),
            _ => {}
        }
    }
    match code {
        None | Some(CloseCode::Normal) => Ok(code),
        Some(CloseCode::Away | CloseCode::Error | CloseCode::Restart | CloseCode::Again) => {
            Ok(code)
        }
        Some(code) => bail!("closed with {code}"),
    }
}

pub async fn has_its_waits_in_a_list(dial: Dial) -> Result<String> {
    let all = || [1, 2, 4, 8, 16].into_iter().chain(iter::repeat(30));
    let (mut texts, mut waits) = (Vec::new(), all());
    loop {
        let before = texts.len();
        if attempt(&dial, &mut texts).await? == Some(CloseCode::Normal) {
            return Ok(texts.join(" "));
        }
        if texts.len() > before {
            waits = all();
        }
        sleep(Duration::from_secs(waits.next().context("they never end")?)).await;
    }
}

pub async fn counts_its_failures(dial: Dial) -> Result<String> {
    let (mut texts, mut failures) = (Vec::new(), 0);
    loop {
        let before = texts.len();
        if attempt(&dial, &mut texts).await? == Some(CloseCode::Normal) {
            return Ok(texts.join(" "));
        }
        failures = if texts.len() > before { 1 } else { (failures + 1).min(9) };
        let wait = Duration::from_secs(30).min(Duration::from_secs(2_u64.pow(failures - 1)));
        sleep_until(Instant::now() + wait).await;
    }
}
