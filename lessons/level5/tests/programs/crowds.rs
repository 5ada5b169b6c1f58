//! Floods and crowds, against the real server.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use level5::events::{Event, Request, Status, message};
use support::{
    client::{connect, leave},
    deadline::{ON_TIME, soon},
};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;

use super::{answer, ask, start};

const ASKS: usize = 10_000;

#[tokio::test]
async fn ten_thousand_asks_in_one_burst_and_then_silence() {
    let server = start(&[]).await;
    let mut client = connect(&server.url).await;
    for id in 0..ASKS {
        let ask = Request::Ask { id: id.to_string(), text: "hi".into() };
        client.feed(message(&ask)).await.expect("the server reads");
    }
    soon(client.flush()).await.expect("the server reads");
    // Nobody reads, and others are served meanwhile.
    sleep(Duration::from_secs(1)).await;
    let other = timeout(ON_TIME, answer(&server, "hi")).await.expect("on time");
    assert_eq!(other.1, Status::Completed);
    #[cfg(target_os = "linux")]
    {
        let kib = resident_kib(server.pid());
        assert!(kib < 64 * 1024, "{kib} KiB");
    }
    let mut ends = vec![0; ASKS];
    while ends.contains(&0) {
        let message = soon(client.next()).await.expect("the connection stays").expect("no error");
        let event = serde_json::from_str(message.to_text().expect("text")).expect("an event");
        let id = match event {
            Event::Done { id, status: Status::Completed } => id,
            Event::Error { id: Some(id), .. } => id,
            Event::Delta { .. } => continue,
            other => panic!("{other:?}"),
        };
        ends[id.parse::<usize>().expect("a number")] += 1;
    }
    assert!(ends.iter().all(|ends| *ends == 1), "exactly one for each");
    leave(client).await;
}

#[cfg(target_os = "linux")]
#[cfg_attr(not(feature = "maintainer"), ignore = "it floods for seconds")]
#[tokio::test]
async fn a_flood_without_an_end_from_one_that_never_reads_is_bounded() {
    let server = start(&[]).await;
    let mut client = connect(&server.url).await;
    let mut sent = 0;
    // Close code 1008 ends it; what has not been read then resets the connection.
    while soon(client.send(Message::text("?"))).await.is_ok() {
        sent += 1;
        assert!(sent < 10_000_000, "the server takes in whatever comes");
    }
    let kib = resident_kib(server.pid());
    assert!(kib < 64 * 1024, "{kib} KiB");
    let other = timeout(ON_TIME, answer(&server, "hi")).await.expect("on time");
    assert_eq!(other.1, Status::Completed);
}

#[cfg(target_os = "linux")]
fn resident_kib(pid: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.split_whitespace().next().and_then(|kib| kib.parse().ok()).expect("a number")
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn clients_that_vanish_leave_no_file_behind() {
    let server = start(&[]).await;
    let open_files = || {
        let files = std::fs::read_dir(format!("/proc/{}/fd", server.pid()));
        files.expect("it runs").count()
    };
    // Once it answers it has opened all that it needs for itself.
    let mut first = connect(&server.url).await;
    ask(&mut first, "q1", "I am tired of polling").await;
    first.next().await.expect("a word").expect("no error");
    let before = open_files();
    let mut clients = Vec::new();
    for i in 0..16 {
        let mut client = connect(&server.url).await;
        ask(&mut client, "q1", "I am tired of polling").await;
        client.next().await.expect("a word").expect("no error");
        if i % 2 == 0 {
            client.get_ref().set_zero_linger().expect("it can be set");
        }
        clients.push(client);
    }
    assert_eq!(open_files(), before + 16);
    drop(clients);
    let gone = async {
        while open_files() > before {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(ON_TIME, gone).await.expect("all are gone");
    let finished = server.stop().await;
    assert_eq!(finished.stderr, "");
}
