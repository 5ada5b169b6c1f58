use anyhow::{Result, bail};
use futures_util::StreamExt;
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};
use websocket_streaming::WebSocket;

mistakes! { finished_or_cut_off, client:
    is_not_repaired => "your client returns \"one, \"; due was: returns an error",
    is_content_with_any_close => "transcript 2 of 3",
    is_content_when_the_server_vanishes => "transcript 3 of 3",
    takes_every_close_for_a_failure => "your client returns an error; due was: returns \"one, two\"",
    returns_without_its_half_of_the_goodbye => "dropped without a Close frame",
    returns_the_last_chunk_alone => "your client returns \"two\"; due was: returns \"one, two\"",
    does_not_stop_at_the_end => "kept its thread for 5 s",
    takes_going_away_for_finished => "The judge also plays others",
    takes_no_code_for_finished => "The judge also plays others",
    fears_1011_alone => "The judge also plays others",
    takes_a_ping_for_text => "The wrong ending",
    takes_bytes_for_text => "The wrong ending",
    is_sure_after_two_chunks => "The judge also plays others",
    waits_for_the_text_of_the_header => "The judge also plays others",
    calls_an_empty_text_a_failure => "The judge also plays others",
    gives_up_after_two_seconds => "The judge also plays others",
    takes_an_empty_text_for_the_end => "The judge also plays others",
    remembers_the_last_server => "The judge also plays others",
}

pub async fn is_not_repaired(socket: &mut WebSocket) -> Result<String> {
    let mut whole = String::new();
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Text(chunk) = message {
            whole += &chunk;
        }
    }
    Ok(whole)
}

pub async fn is_content_with_any_close(socket: &mut WebSocket) -> Result<String> {
    let mut whole = String::new();
    let mut finished = false;
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(chunk) => whole += &chunk,
            Message::Close(_) => finished = true,
            _ => {}
        }
    }
    if finished { Ok(whole) } else { bail!("cut off") }
}

pub async fn is_content_when_the_server_vanishes(socket: &mut WebSocket) -> Result<String> {
    let mut whole = String::new();
    while let Some(Ok(message)) = socket.next().await {
        match message {
            Message::Text(chunk) => whole += &chunk,
            Message::Close(Some(frame)) if frame.code != CloseCode::Normal => {
                while let Some(Ok(_)) = socket.next().await {}
                bail!("the server failed")
            }
            _ => {}
        }
    }
    Ok(whole)
}

pub async fn takes_every_close_for_a_failure(socket: &mut WebSocket) -> Result<String> {
    let mut whole = String::new();
    while let Some(message) = socket.next().await {
        if let Message::Text(chunk) = message? {
            whole += &chunk;
        }
    }
    bail!("the server has left")
}

pub async fn returns_without_its_half_of_the_goodbye(socket: &mut WebSocket) -> Result<String> {
    let mut whole = String::new();
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(chunk) => whole += &chunk,
            Message::Close(Some(frame)) if frame.code == CloseCode::Normal => return Ok(whole),
            _ => {}
        }
    }
    bail!("cut off")
}

pub async fn returns_the_last_chunk_alone(socket: &mut WebSocket) -> Result<String> {
    let mut last = String::new();
    let mut finished = false;
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(chunk) => last = chunk.to_string(),
            Message::Close(Some(frame)) => finished = frame.code == CloseCode::Normal,
            _ => {}
        }
    }
    if finished { Ok(last) } else { bail!("cut off") }
}

/// After its end, `next` yields `None` at once, for ever.
pub async fn does_not_stop_at_the_end(socket: &mut WebSocket) -> Result<String> {
    let mut whole = String::new();
    loop {
        if let Some(Message::Text(chunk)) = socket.next().await.transpose()? {
            whole += &chunk;
        }
    }
}

pub async fn takes_going_away_for_finished(socket: &mut WebSocket) -> Result<String> {
    finished_if(socket, |frame| {
        frame.is_some_and(|frame| matches!(frame.code, CloseCode::Normal | CloseCode::Away))
    })
    .await
}

pub async fn takes_no_code_for_finished(socket: &mut WebSocket) -> Result<String> {
    finished_if(socket, |frame| frame.is_none_or(|frame| frame.code == CloseCode::Normal)).await
}

pub async fn fears_1011_alone(socket: &mut WebSocket) -> Result<String> {
    finished_if(socket, |frame| frame.is_some_and(|frame| frame.code != CloseCode::Error)).await
}

pub async fn remembers_the_last_server(socket: &mut WebSocket) -> Result<String> {
    static FINISHED: AtomicBool = AtomicBool::new(false);
    finished_if(socket, |frame| {
        let normal = frame.is_some_and(|frame| frame.code == CloseCode::Normal);
        let failed = frame.is_some_and(|frame| frame.code == CloseCode::Error);
        FINISHED.store(normal || (FINISHED.load(Ordering::Relaxed) && !failed), Ordering::Relaxed);
        normal || (FINISHED.load(Ordering::Relaxed) && frame.is_some() && !failed)
    })
    .await
}

async fn finished_if(
    socket: &mut WebSocket,
    is_finished: fn(Option<&CloseFrame>) -> bool,
) -> Result<String> {
    let mut whole = String::new();
    let mut finished = false;
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(chunk) => whole += &chunk,
            Message::Close(frame) => finished = is_finished(frame.as_ref()),
            _ => {}
        }
    }
    if finished { Ok(whole) } else { bail!("cut off") }
}

pub async fn takes_a_ping_for_text(socket: &mut WebSocket) -> Result<String> {
    let mut whole = String::new();
    let mut finished = false;
    while let Some(message) = socket.next().await {
        match message? {
            Message::Close(frame) => {
                finished = frame.is_some_and(|frame| frame.code == CloseCode::Normal);
            }
            message => whole += message.to_text()?,
        }
    }
    if finished { Ok(whole) } else { bail!("cut off") }
}

pub async fn takes_bytes_for_text(socket: &mut WebSocket) -> Result<String> {
    let mut whole = String::new();
    let mut finished = false;
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(chunk) => whole += &chunk,
            Message::Binary(bytes) => whole += &String::from_utf8_lossy(&bytes),
            Message::Close(Some(frame)) => finished = frame.code == CloseCode::Normal,
            _ => {}
        }
    }
    if finished { Ok(whole) } else { bail!("cut off") }
}

pub async fn is_sure_after_two_chunks(socket: &mut WebSocket) -> Result<String> {
    let mut chunks = Vec::new();
    while let Some(message) = socket.next().await {
        if let Message::Text(chunk) = message? {
            chunks.push(chunk.to_string());
        }
    }
    if chunks.len() >= 2 { Ok(chunks.concat()) } else { bail!("cut off") }
}

pub async fn waits_for_the_text_of_the_header(socket: &mut WebSocket) -> Result<String> {
    let mut whole = String::new();
    while let Some(message) = socket.next().await {
        if let Message::Text(chunk) = message? {
            whole += &chunk;
        }
    }
    if whole.ends_with("two") { Ok("one, two".into()) } else { bail!("cut off") }
}

pub async fn calls_an_empty_text_a_failure(socket: &mut WebSocket) -> Result<String> {
    let whole = finished_if(socket, |it| it.is_some_and(|it| it.code == CloseCode::Normal)).await?;
    if whole.is_empty() { bail!("nothing came") } else { Ok(whole) }
}

pub async fn gives_up_after_two_seconds(socket: &mut WebSocket) -> Result<String> {
    let whole = finished_if(socket, |it| it.is_some_and(|it| it.code == CloseCode::Normal));
    timeout(Duration::from_secs(2), whole).await?
}

pub async fn takes_an_empty_text_for_the_end(socket: &mut WebSocket) -> Result<String> {
    let mut whole = String::new();
    let mut finished = false;
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(chunk) if chunk.is_empty() => finished = true,
            Message::Text(chunk) => whole += &chunk,
            Message::Close(Some(frame)) => finished |= frame.code == CloseCode::Normal,
            _ => {}
        }
    }
    if finished { Ok(whole) } else { bail!("cut off") }
}
