//! What programs print of a stranger's text: it cannot give orders to a terminal.

use futures_util::{SinkExt, StreamExt};
use support::{
    client::connect,
    process::{Running, Server, command},
};
use tokio::net::TcpListener;
use tokio_tungstenite::{
    accept_async,
    tungstenite::{
        Error, Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

#[tokio::test]
async fn a_server_shows_control_characters_and_does_not_pass_them_on() {
    for (name, said) in [
        ("level2_bidirectional_server", "Client said: "),
        ("level2_duplex_server", "Client said: "),
        ("level4_translate_server", "Received: "),
    ] {
        let mut server = Server::start(name).await;
        let mut client = connect(&server.url).await;
        let text = "\x1b]0;mine\x07 one\nListening on ws://evil";
        client.send(Message::text(text)).await.expect("the server listens");
        let shown = "\\u{1b}]0;mine\\u{7} one\\nListening on ws://evil";
        assert_eq!(server.next_line().await, format!("{said}{shown}"));
    }
}

/// A server that says `text`, and closes with it as a reason. Its URL.
async fn says_and_closes(text: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("ws://{}", listener.local_addr().expect("it is bound"));
    tokio::spawn(async move {
        while let Ok((stream, _peer)) = listener.accept().await {
            tokio::spawn(async move {
                let mut socket = accept_async(stream).await?;
                let away = CloseFrame { code: CloseCode::Away, reason: text.into() };
                for message in [Message::text(text), Message::Close(Some(away))] {
                    socket.send(message).await?;
                }
                while let Some(Ok(_)) = socket.next().await {}
                Ok::<_, Error>(())
            });
        }
    });
    url
}

#[tokio::test]
async fn a_client_shows_control_characters_and_does_not_obey_them() {
    let url = says_and_closes("\x1b[2J\x1b]0;mine\x07").await;
    for name in [
        "level2_bidirectional_client",
        "level2_stream_client",
        "level2_duplex_client",
        "level3_correct_client",
        "level4_translate_client",
    ] {
        let finished = Running::start(&mut command(name, &[&url])).finished().await;
        let shown = finished.stdout.clone() + &finished.stderr;
        let hidden = |c: char| c.is_control() && !['\n', '\r'].contains(&c);
        assert!(!shown.contains(hidden), "{name}: {shown:?}");
        assert!(shown.contains("\\u{1b}[2J"), "{name}: {shown:?}");
    }
}
