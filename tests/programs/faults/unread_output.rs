//! Servers whose output nobody reads: they serve everybody all the same.

use std::{process::Stdio, time::Duration};

use futures_util::{SinkExt, future::join_all};
use support::{
    client::{connect, leave, next_chunk},
    process::command,
};
use tokio::{
    io::AsyncReadExt,
    process::{Child, Command},
    time::timeout,
};
use tokio_tungstenite::tungstenite::Message;

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
async fn assert_stops(mut server: Child) {
    let id = server.id().expect("it is running").to_string();
    let killed = Command::new("kill").arg(id).status().await.expect("a kill on every Unix");
    assert!(killed.success());
    let status = timeout(Duration::from_secs(10), server.wait()).await.expect("it ends");
    assert_eq!(status.expect("it can be waited for").code(), Some(0));
}

#[tokio::test]
async fn a_server_whose_output_nobody_reads_serves_everybody_and_stops_when_asked() {
    let (server, url) = unread_server().await;
    assert_speaks_with_many(&url).await;
    assert_stops(server).await;
}

#[tokio::test]
async fn a_server_whose_output_is_closed_serves_everybody_and_stops_when_asked() {
    let (mut server, url) = unread_server().await;
    drop(server.stdout.take());
    assert_speaks_with_many(&url).await;
    assert_stops(server).await;
}
