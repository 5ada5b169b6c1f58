//! A solution of `lessons/level7/exercises/come_back.rs`: its `follow`, and what it stands on.

use std::time::Duration;

use anyhow::{Result, bail};
use futures_util::{StreamExt, future::BoxFuture};
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::{
    Error, Message, error::ProtocolError, protocol::frame::coding::CloseCode,
};
use websocket_streaming::{CloseWith, ConnectError, ConnectErrorKind, WebSocket, close};

pub type Dial = Box<dyn Fn() -> BoxFuture<'static, Result<WebSocket, ConnectError>> + Send + Sync>;

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);

#[derive(Debug)]
enum End {
    NotConnected(ConnectErrorKind),
    Closed(CloseCode),
    Broken(Error),
    Over,
}

impl End {
    /// A list of what may pass, and not of what may not: what nobody has thought of is in vain.
    fn may_pass(&self) -> bool {
        match self {
            End::NotConnected(ConnectErrorKind::Tcp(_) | ConnectErrorKind::Silence) => true,
            End::NotConnected(ConnectErrorKind::Refused(status)) => {
                status.is_server_error() || [408, 429].contains(&status.as_u16())
            }
            End::NotConnected(_) => false,
            End::Closed(code) => [1001, 1011, 1012, 1013].contains(&u16::from(*code)),
            End::Broken(error) => matches!(
                error,
                Error::Io(_) | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)
            ),
            End::Over => true,
        }
    }
}

pub async fn follow(dial: Dial) -> Result<String> {
    let mut texts = Vec::new();
    let mut wait = SHORTEST;
    loop {
        let before = texts.len();
        let end = attempt(&dial, &mut texts).await;
        if matches!(end, End::Closed(CloseCode::Normal)) {
            return Ok(texts.join(" "));
        }
        if !end.may_pass() {
            bail!("{end:?}");
        }
        // Not when it is connected: a server may let everybody in, and then fail.
        if texts.len() > before {
            wait = SHORTEST;
        }
        sleep(wait).await;
        wait = (wait * 2).min(LONGEST);
    }
}

async fn attempt(dial: &Dial, texts: &mut Vec<String>) -> End {
    let mut socket = match dial().await {
        Ok(socket) => socket,
        Err(error) => return End::NotConnected(error.kind),
    };
    let end = loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => texts.push(text.to_string()),
            Some(Ok(Message::Close(Some(frame)))) => break End::Closed(frame.code),
            Some(Ok(_)) => {}
            Some(Err(error)) => break End::Broken(error),
            None => break End::Over,
        }
    };
    close(&mut socket, CloseWith::normal()).await;
    end
}
