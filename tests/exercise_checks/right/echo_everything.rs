use futures_util::{SinkExt, StreamExt, TryStreamExt};
use tokio::{io::DuplexStream, sync::mpsc, task::JoinSet};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Error, Message},
};

right! { echo_everything, bare:
    loops_and_matches,
    forwards_a_stream,
    splits_and_spawns_a_writer,
    names_every_variant,
    echoes_the_message_itself,
}

pub type Socket = WebSocketStream<DuplexStream>;

pub async fn loops_and_matches(mut socket: Socket) -> Result<(), Error> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => {
                let mut echo = String::from("Echo: ");
                echo.push_str(text.as_str());
                socket.feed(echo.into()).await?;
                socket.flush().await?;
            }
            Some(Ok(message @ Message::Binary(_))) => socket.send(message).await?,
            Some(Ok(_)) => continue,
            Some(Err(error)) => return Err(error),
            None => break,
        }
    }
    Ok(())
}

pub async fn forwards_a_stream(socket: Socket) -> Result<(), Error> {
    let (sink, stream) = socket.split();
    let answers = stream.filter_map(|message| async {
        match message {
            Ok(Message::Text(text)) => Some(Ok(Message::text(format!("Echo: {text}")))),
            Ok(Message::Binary(bytes)) => Some(Ok(Message::Binary(bytes))),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        }
    });
    match answers.forward(sink).await {
        Err(Error::ConnectionClosed) => Ok(()),
        ended => ended,
    }
}

pub async fn splits_and_spawns_a_writer(socket: Socket) -> Result<(), Error> {
    let (mut sink, mut stream) = socket.split();
    let (sender, mut receiver) = mpsc::channel(16);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        while let Some(message) = receiver.recv().await {
            if sink.send(message).await.is_err() {
                return;
            }
        }
    });
    while let Some(message) = stream.next().await {
        let answer = match message? {
            Message::Text(text) => Message::text(format!("Echo: {text}")),
            Message::Binary(bytes) => Message::Binary(bytes),
            _ => continue,
        };
        if sender.send(answer).await.is_err() {
            break;
        }
    }
    Ok(())
}

pub async fn names_every_variant(mut socket: Socket) -> Result<(), Error> {
    while let Some(message) = socket.try_next().await? {
        let answer = match message {
            Message::Text(text) => Some(Message::Text(format!("Echo: {text}").into())),
            Message::Binary(bytes) => Some(Message::Binary(bytes)),
            Message::Ping(payload) | Message::Pong(payload) if payload.len() > 125 => None,
            Message::Ping(_) | Message::Pong(_) => None,
            Message::Close(frame) => {
                drop(frame);
                None
            }
            Message::Frame(_) => unreachable!("never read"),
        };
        if let Some(answer) = answer {
            socket.send(answer).await?;
        }
    }
    Ok(())
}

pub async fn echoes_the_message_itself(mut socket: Socket) -> Result<(), Error> {
    while let Some(message) = socket.next().await {
        let message = message?;
        if message.is_text() {
            let text = message.into_text()?;
            socket.send(["Echo: ", text.as_str()].concat().into()).await?;
        } else if message.is_binary() {
            socket.send(message).await?;
        }
    }
    Ok(())
}
