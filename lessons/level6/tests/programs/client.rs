//! The client as a program: how it ends.

use std::process::Stdio;

use support::{
    deadline::soon,
    process::{Server, command, run},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::server_of;

#[tokio::test]
async fn where_it_is_in_vain_it_says_so_and_ends_with_status_1() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let url = format!("ws://{}", listener.local_addr().expect("it is bound"));
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.expect("a client");
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").await;
        }
    });
    for (url, due) in [(url.as_str(), "HTTP 403"), ("http://localhost", "ws://127.0.0.1:8765")] {
        let client = run("logs_client", &[url], "").await;
        assert_eq!(client.status.code(), Some(1));
        assert!(client.stderr.contains(due), "{}", client.stderr);
        assert_eq!(client.stderr.lines().count(), 1);
        assert_eq!(client.stderr.matches(url).count(), 1, "{}", client.stderr);
    }
}

#[tokio::test]
async fn what_is_no_server_of_logs_is_named_with_what_to_do() {
    use futures_util::{SinkExt, StreamExt};
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let url = format!("ws://{}", listener.local_addr().expect("it is bound"));
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a client");
        let mut socket = tokio_tungstenite::accept_async(stream).await.expect("it shakes hands");
        socket.send("Hello".into()).await.expect("it reads");
        while socket.next().await.is_some() {}
    });
    let client = run("logs_client", &[&url], "").await;
    assert_eq!(client.status.code(), Some(1));
    let due = format!("Error: {url}: this is no server of logs: ");
    let error = client.stderr.lines().last().expect("an error");
    assert!(error.starts_with(&due), "{}", client.stderr);
    assert!(error.ends_with("`cargo run -p level6 --bin logs_server` prints it"), "{error}");
}

#[tokio::test]
async fn with_once_a_lost_connection_is_the_end() {
    let mut server = Server::start("logs_server").await;
    let url = server.url.clone();
    let client = tokio::spawn(async move { run("logs_client", &["--once", &url], "").await });
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    server.kill().await;
    let client = soon(client).await.expect("no panic");
    assert_eq!(client.status.code(), Some(1), "{client:?}");
    assert!(!client.stderr.contains("again in"), "{client:?}");
}

#[tokio::test]
async fn who_has_forgotten_the_server_is_told_how_to_start_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let url = format!("ws://{}", listener.local_addr().expect("it is bound"));
    drop(listener);
    let client = run("logs_client", &["--once", &url], "").await;
    assert_eq!(client.status.code(), Some(1));
    let hint = "start its server first: cargo run -p level6 --bin logs_server";
    assert!(client.stderr.contains(hint), "{}", client.stderr);
}

#[tokio::test]
async fn it_ends_with_the_program_that_reads_what_it_prints() {
    let server = server_of("while echo line; do sleep 0.01; done").await;
    let mut client = command("logs_client", &[&server.url]);
    let mut client = client.stdin(Stdio::null()).spawn().expect("it is built");
    let mut stdout = client.stdout.take().expect("stdout is piped");
    stdout.read_exact(&mut [0; 5]).await.expect("a line");
    drop(stdout);
    let output = soon(client.wait_with_output()).await.expect("it ends");
    assert!(output.status.success(), "{output:?}");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!stderr.contains("panicked"), "{stderr}");
}

#[tokio::test]
async fn it_begins_with_as_many_lines_as_one_wants() {
    let server = server_of("seq 20").await;
    for (tail, due) in [("0", ""), ("2", "19\n20\n")] {
        let client = run("logs_client", &["--tail", tail, &server.url], "").await;
        assert_eq!(client.stdout, format!("{due}-- the log has ended, with status 0 --\n"));
    }
    let client = run("logs_client", &[&server.url], "").await;
    assert_eq!(client.stdout.lines().count(), 11, "{}", client.stdout);
}
