//! Sources that bring more than anybody can hold.

use std::{fs, time::Duration};

use futures_util::FutureExt;
use level6::Event;
use support::{
    deadline::ON_TIME,
    process::{Server, command},
};
use tokio::{
    io::AsyncWriteExt,
    time::{interval, sleep, timeout},
};

use crate::{all_lines, next_event, server_of, subscribed};

/// `VmRSS`, the memory in use, or `VmHWM`, the most that ever was, in MiB.
pub fn memory(pid: u32, what: &str) -> usize {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it is running");
    let line = status.lines().find(|line| line.starts_with(what)).expect("Linux reports it");
    let kib = line.split_whitespace().nth(1).expect("a number of kB");
    kib.parse::<usize>().expect("a number of kB") / 1024
}

#[tokio::test]
async fn a_hundred_megabytes_without_a_line_break_are_one_line_and_little_memory() {
    let server = server_of("head -c 100000000 /dev/zero | tr '\\0' x; echo; echo after").await;
    let (lines, status) = all_lines(&server.url).await;
    assert_eq!(status, Some(0));
    assert_eq!(lines.len(), 2);
    assert!(lines[0].0.ends_with("longer than 64 KiB)"));
    assert_eq!(lines[1].0, "after");
    let most = memory(server.pid(), "VmHWM");
    assert!(most < 40, "{most} MiB");
}

#[tokio::test]
async fn a_source_that_nobody_can_follow_costs_little_memory_and_its_readers_hear_of_gaps() {
    let server = server_of("yes $(printf %0500d 0)").await;
    let mut client = subscribed(&server.url, "", 0).await;
    let (mut due, mut gaps, mut lines) = (1, 0, 0);
    let mut stops = interval(Duration::from_secs(2));
    while gaps < 2 || lines < 1000 {
        // It stops again and again, which is more lines than the log keeps: else it might keep pace.
        if stops.tick().now_or_never().is_some() {
            sleep(Duration::from_secs(1)).await;
        }
        match next_event(&mut client).await.expect("it stays") {
            Event::Line { seq, .. } => {
                assert_eq!(seq, due);
                due += 1;
                lines += 1;
            }
            Event::Gap { from, to } => {
                assert_eq!(from, due);
                due = to + 1;
                gaps += 1;
            }
            _ => {}
        }
    }
    let most = memory(server.pid(), "VmHWM");
    assert!(most < 60, "{most} MiB");
    drop(client);
    let stopped = server.stop().await;
    assert!(stopped.status.success(), "{stopped:?}");
}

/// Short lines, so that each piece that is read is thousands of them.
#[tokio::test]
async fn a_source_that_never_waits_leaves_its_readers_their_turn() {
    let server = server_of("yes").await;
    sleep(Duration::from_millis(500)).await;
    let events = async {
        let mut client = subscribed(&server.url, "", 0).await;
        for _ in 0..1000 {
            next_event(&mut client).await.expect("it stays");
        }
    };
    timeout(ON_TIME, events).await.expect("readers run beside the source");
}

/// As it is for a command; with one thread, since with several the others may happen to be free.
#[tokio::test]
async fn a_pipe_that_is_never_empty_leaves_the_readers_their_turn() {
    let mut command = command("logs_server", &["127.0.0.1:0"]);
    let (server, mut stdin) = Server::spawn_piped(command.env("TOKIO_WORKER_THREADS", "1")).await;
    let source = tokio::spawn(async move {
        let lines = "y\n".repeat(64 * 1024);
        while stdin.write_all(lines.as_bytes()).await.is_ok() {}
    });
    let events = async {
        let mut client = subscribed(&server.url, "", 0).await;
        for _ in 0..300 {
            next_event(&mut client).await.expect("it stays");
        }
    };
    timeout(ON_TIME, events).await.expect("readers run beside the source");
    source.abort();
}

/// With the kernel's own limit it would be some MiB for each reader, which no figure of the server's
/// memory shows.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_kernel_keeps_little_for_a_reader_that_has_stopped() {
    const LINES: u64 = 5000;
    let mut command = command("logs_server", &["127.0.0.1:0"]);
    let (server, mut stdin) = Server::spawn_piped(&mut command).await;
    let mut stopped = subscribed(&server.url, "", 0).await;
    let mut reading = subscribed(&server.url, "", 0).await;
    // More than twice what the log keeps.
    let source = tokio::spawn(async move {
        let line = format!("{}\n", "x".repeat(4000));
        for _ in 0..LINES {
            stdin.write_all(line.as_bytes()).await.expect("it reads");
        }
        stdin
    });
    let mut last = 0;
    while last < LINES {
        if let Event::Line { seq, .. } = next_event(&mut reading).await.expect("it stays") {
            last = seq;
        }
    }
    // What was on its way to it before the first gap.
    let mut bytes = 0;
    loop {
        match next_event(&mut stopped).await.expect("it stays") {
            Event::Line { text, .. } => bytes += text.len(),
            Event::Gap { .. } => break,
            _ => {}
        }
    }
    assert!(bytes < 1024 * 1024, "{bytes} bytes");
    drop(source.await.expect("no panic"));
}
