//! Sources that bring more than anybody can hold.

use std::{fs, time::Duration};

use level6::Event;
use tokio::time::sleep;

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
    // It stops for a while, which is more lines than the log keeps.
    let mut client = subscribed(&server.url, "", 0).await;
    sleep(Duration::from_secs(1)).await;
    let (mut due, mut gaps, mut lines) = (1, 0, 0);
    while gaps < 2 || lines < 1000 {
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
