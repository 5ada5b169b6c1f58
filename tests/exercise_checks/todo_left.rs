//! Solutions with their `todo!` left behind, where it is never reached, or at the end.

use anyhow::{Result, ensure};
use futures_util::{SinkExt, StreamExt};
use support::judge::{Subject, bare, client, served};
use tokio::{io::DuplexStream, time::sleep};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Error, Message, protocol::frame::coding::CloseCode},
};
use websocket_streaming::{WebSocket, next_text, pause};

pub fn all() -> Vec<(&'static str, Subject)> {
    vec![
        ("echo_everything", bare(echo)),
        ("numbered_replies", served(reply)),
        ("typewriter", served(type_poem)),
        ("unblock", served(think)),
        ("finished_or_cut_off", client(|socket| Box::pin(receive(socket)))),
    ]
}

async fn echo(mut socket: WebSocketStream<DuplexStream>) -> Result<(), Error> {
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) => socket.send(Message::text(format!("Echo: {text}"))).await?,
            Message::Binary(bytes) => socket.send(Message::Binary(bytes)).await?,
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => {}
            other => todo!("which of the others wants an answer? This one came: {other:?}"),
        }
    }
    Ok(())
}

async fn reply(socket: &mut WebSocket) -> Result<()> {
    socket.send(Message::text("Welcome!")).await?;
    let mut number = 0;
    while let Some(text) = next_text(socket).await? {
        number += 1;
        socket.send(Message::text(format!("{number}: {text}"))).await?;
    }
    todo!("welcome the client, number the replies, and put Ok(()) in place of this line")
}

async fn type_poem(socket: &mut WebSocket) -> Result<()> {
    for character in "春眠不觉晓，处处闻啼鸟。".chars() {
        socket.send(Message::text(character.to_string())).await?;
        pause(socket, std::time::Duration::from_millis(200)).await?;
    }
    todo!("send character by character, and put Ok(()) in place of this line")
}

async fn think(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        sleep(std::time::Duration::from_millis(300)).await;
        socket.send(Message::text(format!("I thought about: {text}"))).await?;
    }
    todo!("repair the loop above, and put Ok(()) in place of this line")
}

async fn receive(socket: &mut WebSocket) -> Result<String> {
    let mut whole = String::new();
    let mut finished = false;
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(chunk) => whole += &chunk,
            Message::Close(Some(frame)) => finished = frame.code == CloseCode::Normal,
            _ => {}
        }
    }
    ensure!(finished, "the stream was cut off after: {whole}");
    todo!("was that all? Then put Ok(whole) in place of this line. It is now: {whole}")
}
