//! Many readers, and among them those that have stopped to read.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use level6::Event;
use support::{
    client::{Client, next, next_close},
    deadline::{ON_TIME, soon},
    process::{Server, command},
};
use tokio::{io::AsyncWriteExt, time::interval};
use tokio_tungstenite::tungstenite::Message;

use crate::{memory::memory, next_event, subscribed};

/// Connects so many, a hundred at a time, and lets them read their hello.
async fn readers(url: &str, count: usize) -> Vec<Client> {
    let mut readers = Vec::new();
    while readers.len() < count {
        let some = (count - readers.len()).min(100);
        let dial = (0..some).map(async |_| {
            let mut client = subscribed(url, "", 0).await;
            assert!(matches!(next_event(&mut client).await, Some(Event::Hello { .. })));
            client
        });
        readers.extend(join_all(dial).await);
    }
    readers
}

async fn those_that_stop_hold_up_nobody(stopped: usize, reading: usize, most_mib: usize) {
    let mut command = command("logs_server", &["127.0.0.1:0"]);
    let (server, mut stdin) = Server::spawn_piped(&mut command).await;
    let stopped = readers(&server.url, stopped).await;
    let reading = readers(&server.url, reading).await;
    let before = memory(server.pid(), "VmRSS");
    let start = Instant::now();
    let source = tokio::spawn(async move {
        let mut ticks = interval(Duration::from_millis(10));
        let filler = "x".repeat(4000);
        for _ in 0..300 {
            ticks.tick().await;
            let line = format!("{} {filler}\n", start.elapsed().as_millis());
            stdin.write_all(line.as_bytes()).await.expect("it reads");
        }
        // Kept open: the log goes on.
        stdin
    });
    let each = reading.into_iter().map(async |mut client| {
        let mut latest = Duration::ZERO;
        for due in 1..=300 {
            let Some(Event::Line { seq, text, .. }) = next_event(&mut client).await else {
                panic!("line {due} is due");
            };
            assert_eq!(seq, due);
            let sent = text.split_once(' ').and_then(|it| it.0.parse().ok()).expect("a time");
            latest = latest.max(start.elapsed().saturating_sub(Duration::from_millis(sent)));
        }
        latest
    });
    let latest = soon(join_all(each)).await.into_iter().max().expect("somebody reads");
    let grown = memory(server.pid(), "VmHWM").saturating_sub(before);
    println!("{} have stopped: the others {latest:?} late, {grown} MiB more", stopped.len());
    assert!(latest < ON_TIME, "{latest:?}");
    assert!(grown < most_mib, "{grown} MiB");
    drop(source.await.expect("no panic"));
}

#[tokio::test]
async fn readers_that_stop_hold_up_nobody() {
    those_that_stop_hold_up_nobody(50, 10, 32).await;
}

#[cfg_attr(not(feature = "maintainer"), ignore = "for the maintainers: it takes some seconds")]
#[tokio::test]
async fn a_thousand_readers_that_stop_hold_up_nobody() {
    those_that_stop_hold_up_nobody(1000, 100, 250).await;
}

/// They do not even answer: the server is gone in time, and what it has told them is there for them
/// when they come to read it.
async fn all_are_told_to_go(count: usize) {
    let server = Server::start("logs_server").await;
    let mut readers = readers(&server.url, count).await;
    server.signal("TERM");
    let start = Instant::now();
    assert!(server.finished().await.status.success());
    let took = start.elapsed();
    println!("{count} readers, and the server was gone after {took:?}");
    assert!(took < ON_TIME, "{took:?}");
    for client in &mut readers {
        let (code, _reason) = next_close(client).await;
        assert_eq!(code, 1001);
    }
}

#[tokio::test]
async fn at_a_signal_two_hundred_readers_are_told_to_go() {
    all_are_told_to_go(200).await;
}

#[cfg_attr(not(feature = "maintainer"), ignore = "for the maintainers: it needs 20,000 files")]
#[tokio::test]
async fn at_a_signal_ten_thousand_readers_are_told_to_go_within_5_s() {
    all_are_told_to_go(9_900).await;
}

/// Pings come between the lines, whatever the log does.
#[tokio::test]
async fn pings_are_answered_while_lines_come_fast() {
    use futures_util::SinkExt;
    let server = crate::server_of("while :; do echo line; done").await;
    let mut client = subscribed(&server.url, "", 0).await;
    for payload in ["one", "two", "three"] {
        client.send(Message::Ping(payload.into())).await.expect("it reads");
        let start = Instant::now();
        loop {
            match next(&mut client).await.expect("open").expect("no error") {
                Message::Pong(answer) => break assert_eq!(answer, payload),
                _ => assert!(start.elapsed() < ON_TIME, "no pong"),
            }
        }
    }
}
