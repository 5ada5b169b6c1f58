//! A Close frame with a code, as Level 1's chapter shows it: over TCP, and so in real time.

use futures_util::StreamExt;
use support::{connection::over_tcp, deadline::soon};
use tokio_tungstenite::tungstenite::Message;

// ANCHOR: close_normally
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

async fn close_normally(socket: &mut WebSocketStream<TcpStream>) -> Result<(), Error> {
    let frame = CloseFrame { code: CloseCode::Normal, reason: "all is said".into() };
    socket.close(Some(frame)).await
}
// ANCHOR_END: close_normally

#[tokio::test]
async fn a_close_carries_its_code_and_its_reason() {
    let (mut server, mut client) = over_tcp().await;
    soon(close_normally(&mut server)).await.expect("the client is there");
    let close = soon(client.next()).await;
    let Some(Ok(Message::Close(Some(frame)))) = close else { panic!("{close:?}") };
    assert_eq!((frame.code, frame.reason.as_str()), (CloseCode::Normal, "all is said"));
}

#[tokio::test]
async fn a_close_without_a_code_has_none() {
    let (mut server, mut client) = over_tcp().await;
    soon(server.close(None)).await.expect("the client is there");
    let close = soon(client.next()).await;
    assert!(matches!(close, Some(Ok(Message::Close(None)))), "{close:?}");
}
