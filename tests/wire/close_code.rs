//! A Close frame with a code, as Level 1's chapter shows it: over TCP, and so in real time.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::{net::TcpListener, time::timeout};
use tokio_tungstenite::{accept_async, connect_async, tungstenite::Message};

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
async fn a_close_carries_a_code_and_a_reason_and_one_without_has_none() {
    for with_code in [true, false] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("ws://{}", listener.local_addr().expect("an address"));
        let server = async {
            let (stream, _peer) = listener.accept().await.expect("a client");
            let mut socket = accept_async(stream).await.expect("a handshake");
            if with_code {
                close_normally(&mut socket).await.expect("the client is there");
            } else {
                socket.close(None).await.expect("the client is there");
            }
            while let Some(Ok(_)) = socket.next().await {}
        };
        let client = async {
            let (mut socket, _response) = connect_async(url).await.expect("a handshake");
            let close = socket.next().await.expect("a close comes").expect("no error");
            while let Some(Ok(_)) = socket.next().await {}
            close
        };
        let both = async { tokio::join!(server, client) };
        let ((), close) =
            timeout(Duration::from_secs(60), both).await.expect("both come to an end");
        if with_code {
            let Message::Close(Some(frame)) = close else { panic!("{close:?}") };
            assert_eq!((frame.code, frame.reason.as_str()), (CloseCode::Normal, "all is said"));
        } else {
            assert_eq!(close, Message::Close(None));
        }
    }
}
