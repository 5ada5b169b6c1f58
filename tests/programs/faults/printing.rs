//! What programs print: it never holds up a client, and what strangers send cannot give orders to a
//! terminal.

use std::{process::Stdio, time::Duration};

use futures_util::{SinkExt, StreamExt, future::join_all};
use support::{
    client::{connect, leave, next_chunk},
    process::{Running, Server, command},
};
use tokio::{
    io::AsyncReadExt,
    net::TcpListener,
    process::{Child, Command},
    time::timeout,
};
use tokio_tungstenite::{
    accept_async,
    tungstenite::{
        Error, Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

/// A server that prints what it hears, and its URL. Nobody reads what it prints after that.
async fn unread_server() -> (Child, String) {
    let mut server = command("level2_bidirectional_server", &["127.0.0.1:0"]);
    let mut server = server.stdin(Stdio::null()).spawn().expect("the binary is built");
    let stdout = server.stdout.as_mut().expect("a pipe");
    let mut line = String::new();
    // Byte by byte, so that nothing is read ahead.
    while !line.ends_with('\n') {
        line.push(stdout.read_u8().await.expect("the first line").into());
    }
    let url = line.trim().strip_prefix("Listening on ").expect("a URL").to_string();
    (server, url)
}

/// Many clients say more than a pipe holds, and each is answered.
async fn assert_speaks_with_many(url: &str) {
    let text = "x".repeat(1000);
    let clients = (0..20).map(async |_| {
        let mut client = connect(url).await;
        for _ in 0..20 {
            client.send(Message::text(text.as_str())).await.expect("the server listens");
            assert_eq!(next_chunk(&mut client).await, format!("Server reply: {text}"));
        }
        leave(client).await;
    });
    join_all(clients).await;
}

/// It is asked to stop, and does.
#[cfg(unix)]
async fn assert_stops(mut server: Child) {
    let id = server.id().expect("it is running").to_string();
    let killed = Command::new("kill").arg(id).status().await.expect("a kill on every Unix");
    assert!(killed.success());
    let status = timeout(Duration::from_secs(10), server.wait()).await.expect("it ends");
    assert_eq!(status.expect("it can be waited for").code(), Some(0));
}

#[cfg(unix)]
#[tokio::test]
async fn a_server_whose_output_nobody_reads_serves_everybody_and_stops_when_asked() {
    let (server, url) = unread_server().await;
    assert_speaks_with_many(&url).await;
    assert_stops(server).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_server_whose_output_is_closed_serves_everybody_and_stops_when_asked() {
    let (mut server, url) = unread_server().await;
    drop(server.stdout.take());
    assert_speaks_with_many(&url).await;
    assert_stops(server).await;
}

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
