//! Readers and servers that are killed: no line is lost in silence, none comes twice.

use std::time::{Duration, Instant};

use level6::Event;
use support::{
    deadline::soon,
    process::{Running, Server, command},
};
use tokio::{
    io::AsyncWriteExt,
    time::{interval, sleep, timeout},
};

use crate::{next_event, subscribed};

/// Under 1,000 lines a second.
#[tokio::test]
async fn a_reader_that_is_killed_a_hundred_times_has_every_line_once() {
    let mut command = command("logs_server", &["127.0.0.1:0"]);
    let (server, mut stdin) = Server::spawn_piped(&mut command).await;
    let source = tokio::spawn(async move {
        let mut number = 0;
        let mut ticks = interval(Duration::from_millis(10));
        loop {
            ticks.tick().await;
            let lines = (number + 1..=number + 10).map(|number| format!("{number}\n"));
            stdin.write_all(lines.collect::<String>().as_bytes()).await.expect("it reads");
            number += 10;
        }
    });
    let (mut last, mut log) = (0, String::new());
    for _ in 0..100 {
        let mut client = subscribed(&server.url, &log, last).await;
        let end = Instant::now() + Duration::from_millis(20);
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            match timeout(left, next_event(&mut client)).await {
                Ok(Some(Event::Hello { log: name, .. })) => {
                    assert!(log.is_empty() || log == name, "it is the same log");
                    log = name;
                }
                Ok(Some(Event::Line { seq, text, .. })) => {
                    assert_eq!(seq, last + 1);
                    assert_eq!(text, seq.to_string());
                    last = seq;
                }
                Ok(other) => panic!("{other:?}"),
                Err(_elapsed) => {}
            }
        }
        // Without a goodbye, and with lines that are not read: the system resets the connection.
        drop(client);
    }
    source.abort();
    assert!(last > 500, "{last} lines");
}

/// The reader is the lesson's own client.
#[tokio::test]
async fn a_server_that_is_killed_and_started_anew_is_found_and_its_new_numbering_told() {
    let script = |word: &str| format!("for i in 1 2 3; do echo {word} $i; done; sleep 20");
    let start = async |address: &str, word: &str| {
        let arguments = [address, "--", "sh", "-c", &script(word)];
        Server::spawn(&mut command("logs_server", &arguments)).await
    };
    let mut server = start("127.0.0.1:0", "old").await;
    let (url, address) = (server.url.clone(), server.address().to_string());
    let mut client = Running::start(&mut command("logs_client", &[&url]));
    client.has_printed("old 1\nold 2\nold 3\n").await;
    server.kill().await;
    let again = start(&address, "new").await;
    let due = "old 3\n-- another log: its numbering begins anew --\nnew 1\nnew 2\nnew 3\n";
    client.has_printed(due).await;
    again.stop().await;
}

/// What the client prints of the connection's fate goes to standard error.
#[tokio::test]
async fn a_server_that_stops_is_waited_for() {
    let server = Server::start("logs_server").await;
    let (url, address) = (server.url.clone(), server.address().to_string());
    let mut client = Running::start(&mut command("logs_client", &[&url]));
    client.has_printed("readers ").await;
    server.stop().await;
    sleep(Duration::from_millis(200)).await;
    let script = "echo here again";
    let arguments = [address.as_str(), "--", "sh", "-c", script];
    let again = Server::spawn(&mut command("logs_server", &arguments)).await;
    client.has_printed("here again\n").await;
    let finished = soon(client.finished()).await;
    assert!(finished.status.success(), "the new log has ended: {finished:?}");
    let told = "-- the server is shutting down (1001); again in ";
    assert!(finished.stderr.contains(told), "{}", finished.stderr);
    drop(again);
}
