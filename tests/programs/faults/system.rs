//! The system around a server: its signals, and its file descriptors.

use std::time::{Duration, Instant};

use support::{
    client::{connect, dial, next, next_close},
    course::robust_servers,
    process::{Server, binary},
};
use tokio::{process::Command, time::sleep};

use super::{all_servers, assert_served, connect_and_hear, for_each};

#[cfg_attr(not(feature = "maintainer"), ignore = "takes 4 s")]
#[tokio::test]
async fn a_signal_closes_every_connection_with_1001_and_ends_the_server_within_5_s() {
    let servers = robust_servers().into_iter();
    let cases: Vec<_> = servers.flat_map(|name| [(name, "INT"), (name, "TERM")]).collect();
    for_each(&cases, async |(name, signal)| {
        let server = Server::start(name).await;
        let mut idle = connect(&server.url).await;
        let _in_its_handshake = dial(&server.url).await;
        let (mut rude, mut in_mid_stream) =
            tokio::join!(connect_and_hear(name, &server.url), connect_and_hear(name, &server.url),);

        server.signal(signal);
        let signalled = Instant::now();
        for client in [&mut idle, &mut in_mid_stream] {
            assert_eq!(next_close(client).await.0, 1001, "{name}");
            assert!(next(client).await.is_none(), "{name} closes politely");
        }
        // This one reads the close, never answers it, and holds on to the connection.
        assert_eq!(next_close(&mut rude).await.0, 1001, "{name}");
        let finished = server.finished().await;
        assert!(signalled.elapsed() < Duration::from_secs(5), "{:?}", signalled.elapsed());
        assert_eq!(finished.status.code(), Some(0), "{finished:?}");
        assert_eq!(finished.stderr, "");
    })
    .await;
}

#[cfg_attr(not(feature = "maintainer"), ignore = "takes 3 s")]
#[tokio::test]
async fn a_server_out_of_file_descriptors_complains_once_a_second_and_recovers() {
    for_each(&all_servers(), async |name| {
        let start = Instant::now();
        let mut shell = Command::new("sh");
        shell.arg("-c").arg("ulimit -n 32; exec \"$0\" 127.0.0.1:0").arg(binary(name));
        let server = Server::spawn(&mut shell).await;

        let mut crowd = Vec::new();
        for _ in 0..40 {
            crowd.push(dial(&server.url).await);
        }
        sleep(Duration::from_millis(1500)).await;
        drop(crowd);
        assert_served(name, &server.url).await;

        let finished = server.stop().await;
        let complaints =
            finished.stderr.lines().filter(|line| line.contains("cannot accept")).count();
        assert!(complaints >= 2, "{}", finished.stderr);
        assert!(complaints as u64 <= 1 + start.elapsed().as_secs(), "{}", finished.stderr);
        assert!(!finished.stderr.contains("panicked"), "{}", finished.stderr);
    })
    .await;
}
