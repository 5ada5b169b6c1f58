//! Clients that send and never read: what they cost, in memory and to others.

use std::{fs, time::Duration};

use support::{
    client::{Client, connect},
    course::robust_servers,
    process::Server,
    raw_frame::{FIN, PING, TEXT, raw_frame},
};
use tokio::{
    io::AsyncWriteExt,
    time::{sleep, timeout},
};
use websocket_streaming::MAX_MESSAGE_SIZE;

use super::{assert_served, assert_unharmed, for_each};

/// `VmRSS`, the memory in use, or `VmHWM`, the most that ever was, in MiB.
pub fn memory(pid: u32, what: &str) -> usize {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it is running");
    let line = status.lines().find(|line| line.starts_with(what)).expect("Linux reports it");
    let kib = line.split_whitespace().nth(1).expect("a number of kB");
    kib.parse::<usize>().expect("a number of kB") / 1024
}

/// Sends `frame` again and again and never reads, until `total` bytes are sent, the server
/// hangs up, or it has taken in nothing for a second.
async fn flood(client: &mut Client, frame: &[u8], total: usize) -> usize {
    let burst = frame.repeat(64 * 1024 / frame.len() + 1);
    let mut sent = 0;
    while sent < total {
        match timeout(Duration::from_secs(1), client.get_mut().write_all(&burst)).await {
            Ok(Ok(())) => sent += burst.len(),
            Ok(Err(_)) | Err(_) => break,
        }
    }
    sent
}

#[cfg_attr(not(feature = "maintainer"), ignore = "takes 3 s")]
#[tokio::test]
async fn a_client_that_never_reads_costs_little_memory_and_holds_up_nobody() {
    let pings = raw_frame(FIN | PING, true, &[b'x'; 125]);
    let requests = raw_frame(FIN | TEXT, true, &[b'x'; MAX_MESSAGE_SIZE]);
    let servers = robust_servers().into_iter();
    let cases: Vec<_> = servers.flat_map(|name| [(name, "pings"), (name, "requests")]).collect();
    for_each(&cases, async |(name, what)| {
        let frame = if what == "pings" { &pings } else { &requests };
        let mut server = Server::start(name).await;
        let (pid, url) = (server.pid(), server.url.clone());
        let check = async {
            assert_served(name, &url).await;
            let before = memory(pid, "VmRSS");
            let mut client = connect(&url).await;
            let others = async {
                sleep(Duration::from_millis(500)).await;
                assert_served(name, &url).await;
            };
            let (sent, ()) = tokio::join!(flood(&mut client, frame, 40 << 20), others);
            assert_served(name, &url).await;
            let grown = memory(pid, "VmHWM").saturating_sub(before);
            // The translator takes no sentence of this size.
            assert!(grown < 24, "{name}: {grown} MiB more after {sent} bytes of {what}");
        };
        tokio::select! {
            () = check => {}
            () = server.drain() => panic!("{name} ended"),
        }
        assert_unharmed(name, server).await;
    })
    .await;
}
