use crate::right::say_goodbye::{Socket, normal};
use futures_util::{SinkExt, StreamExt};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

mistakes! { say_goodbye, bare:
    drops_the_socket_without_a_close => "A socket that is dropped says nothing",
    does_not_wait_for_the_answer => "before the other side's Close frame had come",
    closes_without_a_code => "a Close frame without a code; due was: close 1000",
    closes_before_the_last_words => "Your function returned an error: ",
    leaves_the_closing_to_the_client => "did not close the connection",
    goes_on_after_the_close => "your function had not returned, and the connection was still open",
    leaves_the_loop_on_close => "The answer to a close is only queued",
    sleeps_in_place_of_waiting => "before the other side's Close frame had come",
    sleeps_for_a_second => "before the other side's Close frame had come",
    waits_for_one_message_only => "before the other side's Close frame had come",
    waits_for_five_seconds_at_most_and_a_text => "before the other side's Close frame had come",
    takes_bye_anywhere => "The judge also plays others",
    takes_any_case => "was due",
    takes_the_second_message_for_bye => "was dropped without a Close frame",
    takes_bytes_for_text => "In the wrong order",
    goes_on_echoing_after_the_close => "The judge also plays others",
    tells_all_clients_goodbye_after_one => "The judge also plays others",
    is_silent_once_somebody_has_said_bye => "The judge also plays others",
    says_it_is_going_away => "The wrong ending: your server sent close 1001",
    closes_at_the_third_message => "The judge also plays others",
    plays_the_header => "The judge also plays others",
}

pub async fn drops_the_socket_without_a_close<S>(
    mut socket: WebSocketStream<S>,
) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message? else { continue };
        if text.as_str() == "bye" {
            socket.send(Message::text("Goodbye!")).await?;
            return Ok(());
        }
        socket.send(Message::text(format!("Echo: {text}"))).await?;
    }
    Ok(())
}

pub async fn does_not_wait_for_the_answer<S>(mut socket: WebSocketStream<S>) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message? else { continue };
        if text.as_str() == "bye" {
            socket.send(Message::text("Goodbye!")).await?;
            return socket.close(normal()).await;
        }
        socket.send(Message::text(format!("Echo: {text}"))).await?;
    }
    Ok(())
}

pub async fn closes_without_a_code<S>(mut socket: WebSocketStream<S>) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message? else { continue };
        if text.as_str() == "bye" {
            socket.send(Message::text("Goodbye!")).await?;
            socket.close(None).await?;
            while let Some(message) = socket.next().await {
                message?;
            }
            return Ok(());
        }
        socket.send(Message::text(format!("Echo: {text}"))).await?;
    }
    Ok(())
}

pub async fn closes_before_the_last_words<S>(mut socket: WebSocketStream<S>) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message? else { continue };
        if text.as_str() == "bye" {
            socket.close(normal()).await?;
            socket.send(Message::text("Goodbye!")).await?;
            while let Some(message) = socket.next().await {
                message?;
            }
            return Ok(());
        }
        socket.send(Message::text(format!("Echo: {text}"))).await?;
    }
    Ok(())
}

pub async fn leaves_the_closing_to_the_client<S>(
    mut socket: WebSocketStream<S>,
) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message? else { continue };
        if text.as_str() == "bye" {
            socket.send(Message::text("Goodbye!")).await?;
            continue;
        }
        socket.send(Message::text(format!("Echo: {text}"))).await?;
    }
    Ok(())
}

pub async fn goes_on_after_the_close<S>(mut socket: WebSocketStream<S>) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message? else { continue };
        if text.as_str() == "bye" {
            socket.send(Message::text("Goodbye!")).await?;
            socket.close(normal()).await?;
            std::future::pending::<()>().await;
        }
        socket.send(Message::text(format!("Echo: {text}"))).await?;
    }
    Ok(())
}

pub async fn leaves_the_loop_on_close<S>(mut socket: WebSocketStream<S>) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) if text.as_str() == "bye" => {
                socket.send(Message::text("Goodbye!")).await?;
                socket.close(normal()).await?;
            }
            Message::Text(text) => socket.send(Message::text(format!("Echo: {text}"))).await?,
            Message::Close(_) => break,
            _ => {}
        }
    }
    Ok(())
}

pub async fn sleeps_in_place_of_waiting(mut socket: Socket) -> Result<(), Error> {
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message? else { continue };
        if text.as_str() == "bye" {
            socket.send(Message::text("Goodbye!")).await?;
            socket.close(normal()).await?;
            sleep(Duration::from_millis(300)).await;
            return Ok(());
        }
        socket.send(Message::text(format!("Echo: {text}"))).await?;
    }
    Ok(())
}

pub async fn sleeps_for_a_second(mut socket: Socket) -> Result<(), Error> {
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message? else { continue };
        if text.as_str() == "bye" {
            socket.send(Message::text("Goodbye!")).await?;
            socket.close(normal()).await?;
            sleep(Duration::from_secs(1)).await;
            return Ok(());
        }
        socket.send(Message::text(format!("Echo: {text}"))).await?;
    }
    Ok(())
}

pub async fn waits_for_one_message_only(mut socket: Socket) -> Result<(), Error> {
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message? else { continue };
        if text.as_str() == "bye" {
            socket.send(Message::text("Goodbye!")).await?;
            socket.close(normal()).await?;
            let _close = socket.next().await;
            return Ok(());
        }
        socket.send(Message::text(format!("Echo: {text}"))).await?;
    }
    Ok(())
}

pub async fn waits_for_five_seconds_at_most_and_a_text(mut socket: Socket) -> Result<(), Error> {
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message? else { continue };
        if text.as_str() == "bye" {
            socket.send(Message::text("Goodbye!")).await?;
            socket.close(normal()).await?;
            let _ = timeout(Duration::from_secs(4), socket.next()).await;
            return Ok(());
        }
        socket.send(Message::text(format!("Echo: {text}"))).await?;
    }
    Ok(())
}

pub async fn takes_bye_anywhere(socket: Socket) -> Result<(), Error> {
    leave_if(socket, |_, message| message.to_text().is_ok_and(|text| text.contains("bye"))).await
}

pub async fn takes_any_case(socket: Socket) -> Result<(), Error> {
    leave_if(socket, |_, message| message.to_text().is_ok_and(|text| text.ends_with("bye"))).await
}

pub async fn takes_the_second_message_for_bye(socket: Socket) -> Result<(), Error> {
    leave_if(socket, |number, _| number == 2).await
}

pub async fn takes_bytes_for_text(socket: Socket) -> Result<(), Error> {
    leave_if(socket, |_, message| message.to_text().is_ok_and(|text| text == "bye")).await
}

pub async fn closes_at_the_third_message(socket: Socket) -> Result<(), Error> {
    leave_if(socket, |number, message| number == 3 || message == &Message::text("bye")).await
}

pub async fn tells_all_clients_goodbye_after_one(socket: Socket) -> Result<(), Error> {
    static BYE: AtomicBool = AtomicBool::new(false);
    leave_if(socket, |number, message| {
        BYE.fetch_or(message == &Message::text("bye"), Ordering::Relaxed);
        message == &Message::text("bye") || (number > 2 && BYE.load(Ordering::Relaxed))
    })
    .await
}

async fn leave_if(mut socket: Socket, bye: fn(usize, &Message) -> bool) -> Result<(), Error> {
    let mut number = 0;
    while let Some(message) = socket.next().await {
        let message = message?;
        number += 1;
        if bye(number, &message) {
            socket.send(Message::text("Goodbye!")).await?;
            socket.close(normal()).await?;
            while let Some(message) = socket.next().await {
                message?;
            }
            return Ok(());
        }
        let Message::Text(text) = message else { continue };
        socket.send(Message::text(format!("Echo: {text}"))).await?;
    }
    Ok(())
}

pub async fn goes_on_echoing_after_the_close(mut socket: Socket) -> Result<(), Error> {
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message? else { continue };
        if text.as_str() == "bye" {
            socket.send(Message::text("Goodbye!")).await?;
            socket.close(normal()).await?;
            continue;
        }
        socket.send(Message::text(format!("Echo: {text}"))).await?;
    }
    Ok(())
}

pub async fn is_silent_once_somebody_has_said_bye(mut socket: Socket) -> Result<(), Error> {
    static SILENT: AtomicBool = AtomicBool::new(false);
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message? else { continue };
        if text.as_str() == "bye" {
            SILENT.store(true, Ordering::Relaxed);
            socket.send(Message::text("Goodbye!")).await?;
            socket.close(normal()).await?;
            while let Some(message) = socket.next().await {
                message?;
            }
            SILENT.store(false, Ordering::Relaxed);
            return Ok(());
        }
        if !SILENT.load(Ordering::Relaxed) {
            socket.send(Message::text(format!("Echo: {text}"))).await?;
        }
    }
    Ok(())
}

pub async fn says_it_is_going_away(mut socket: Socket) -> Result<(), Error> {
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message? else { continue };
        if text.as_str() == "bye" {
            socket.send(Message::text("Goodbye!")).await?;
            socket.close(Some(CloseFrame { code: CloseCode::Away, reason: "".into() })).await?;
            while let Some(message) = socket.next().await {
                message?;
            }
            return Ok(());
        }
        socket.send(Message::text(format!("Echo: {text}"))).await?;
    }
    Ok(())
}

pub async fn plays_the_header(mut socket: Socket) -> Result<(), Error> {
    socket.next().await;
    socket.send(Message::text("Echo: Hello")).await?;
    if let Some(Ok(Message::Text(_))) = socket.next().await {
        socket.send(Message::text("Goodbye!")).await?;
        socket.close(normal()).await?;
    }
    while let Some(message) = socket.next().await {
        message?;
    }
    Ok(())
}
