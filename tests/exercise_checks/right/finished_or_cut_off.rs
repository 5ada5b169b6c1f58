use anyhow::{Result, bail};
use futures_util::{SinkExt, StreamExt, TryStreamExt};
use tokio_tungstenite::tungstenite::{
    Error, Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};
use websocket_streaming::WebSocket;

right! { finished_or_cut_off, client:
    answers_the_close_itself,
    asks_the_number,
    collects_chunks,
    goes_by_a_flag_and_an_option,
}

pub async fn answers_the_close_itself(socket: &mut WebSocket) -> Result<String> {
    let mut whole = String::new();
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(chunk))) => whole.push_str(&chunk),
            Some(Ok(Message::Close(frame))) => {
                socket.flush().await.or_else(closed)?;
                while let Some(Ok(_)) = socket.next().await {}
                return match frame {
                    Some(CloseFrame { code: CloseCode::Normal, .. }) => Ok(whole),
                    other => bail!("ended with {other:?}"),
                };
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(error.into()),
            None => bail!("no close"),
        }
    }
}

pub async fn asks_the_number(socket: &mut WebSocket) -> Result<String> {
    let mut whole = String::new();
    let mut code = None;
    while let Some(message) = socket.try_next().await? {
        if let Message::Close(frame) = &message {
            code = frame.as_ref().map(|frame| u16::from(frame.code));
        } else if message.is_text() {
            whole += message.to_text()?;
        }
    }
    anyhow::ensure!(code == Some(1000), "cut off: {code:?}");
    Ok(whole)
}

pub async fn collects_chunks(socket: &mut WebSocket) -> Result<String> {
    let messages: Vec<Message> = socket.try_collect().await?;
    let finished = messages.iter().any(|message| {
        matches!(message, Message::Close(Some(CloseFrame { code: CloseCode::Normal, .. })))
    });
    let texts = messages.iter().filter_map(|message| match message {
        Message::Text(text) => Some(text.as_str()),
        _ => None,
    });
    if finished { Ok(texts.collect()) } else { Err(anyhow::anyhow!("cut off")) }
}

pub async fn goes_by_a_flag_and_an_option(socket: &mut WebSocket) -> Result<String> {
    let mut whole = String::new();
    let mut ending: Option<CloseFrame> = None;
    while let Some(message) = socket.next().await {
        match message {
            Ok(Message::Text(chunk)) => whole += chunk.as_str(),
            Ok(Message::Close(frame)) => ending = frame,
            Ok(_) => {}
            Err(error) => bail!("lost: {error}"),
        }
    }
    match ending.map(|frame| frame.code) {
        Some(CloseCode::Normal) => Ok(whole),
        Some(code) => bail!("the server closed with {code}"),
        None => bail!("the server left without a word"),
    }
}

fn closed(error: Error) -> Result<(), Error> {
    if matches!(error, Error::ConnectionClosed) { Ok(()) } else { Err(error) }
}
