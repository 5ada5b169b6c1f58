use futures_util::{SinkExt, StreamExt, TryStreamExt};
use tokio::io::DuplexStream;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

right! { say_goodbye, bare:
    drains_with_a_helper,
    goes_on_in_the_same_loop,
    waits_for_the_close_frame_itself,
    splits_the_socket,
    closes_by_sending,
}

pub type Socket = WebSocketStream<DuplexStream>;

pub async fn drains_with_a_helper(mut socket: Socket) -> Result<(), Error> {
    loop {
        match socket.next().await.transpose()? {
            Some(Message::Text(text)) if text == "bye" => break,
            Some(Message::Text(text)) => socket.send(format!("Echo: {text}").into()).await?,
            Some(_) => {}
            None => return Ok(()),
        }
    }
    socket.feed(Message::text("Goodbye!")).await?;
    socket.feed(Message::Close(normal())).await?;
    socket.flush().await?;
    socket.try_for_each(|_| async { Ok(()) }).await
}

pub async fn goes_on_in_the_same_loop(mut socket: Socket) -> Result<(), Error> {
    let mut leaving = false;
    while let Some(message) = socket.next().await {
        match message? {
            _ if leaving => {}
            Message::Text(text) if &*text == "bye" => {
                socket.send(Message::text("Goodbye!")).await?;
                socket.close(normal()).await?;
                leaving = true;
            }
            Message::Text(text) => socket.send(Message::text(format!("Echo: {text}"))).await?,
            _ => {}
        }
    }
    Ok(())
}

pub async fn waits_for_the_close_frame_itself(mut socket: Socket) -> Result<(), Error> {
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message? else { continue };
        if text.as_str() == "bye" {
            socket.send(Message::text("Goodbye!")).await?;
            socket.close(normal()).await?;
            loop {
                match socket.next().await {
                    Some(Ok(Message::Close(_))) | Some(Err(_)) | None => return Ok(()),
                    Some(Ok(_)) => {}
                }
            }
        }
        socket.send(Message::text(format!("Echo: {text}"))).await?;
    }
    Ok(())
}

pub async fn splits_the_socket(socket: Socket) -> Result<(), Error> {
    let (mut sink, mut stream) = socket.split();
    while let Some(message) = stream.try_next().await? {
        let Message::Text(text) = message else { continue };
        if text.as_str() == "bye" {
            sink.send(Message::text("Goodbye!")).await?;
            sink.send(Message::Close(normal())).await?;
            while stream.try_next().await?.is_some() {}
            break;
        }
        sink.send(Message::text(format!("Echo: {text}"))).await?;
    }
    Ok(())
}

pub async fn closes_by_sending(mut socket: Socket) -> Result<(), Error> {
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message? else { continue };
        if text.as_str() != "bye" {
            socket.send(Message::text(format!("Echo: {text}"))).await?;
            continue;
        }
        socket.send(Message::text("Goodbye!")).await?;
        let reason = "you said bye".into();
        socket.send(Message::Close(Some(CloseFrame { code: 1000.into(), reason }))).await?;
        while let Some(Ok(_)) = socket.next().await {}
        break;
    }
    Ok(())
}

pub fn normal() -> Option<CloseFrame> {
    Some(CloseFrame { code: CloseCode::Normal, reason: "".into() })
}
