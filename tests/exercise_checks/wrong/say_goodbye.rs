use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

fn normal() -> Option<CloseFrame> {
    Some(CloseFrame { code: CloseCode::Normal, reason: "".into() })
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
