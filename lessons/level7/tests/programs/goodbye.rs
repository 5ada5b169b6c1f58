//! The end of a server: not ready, nobody new, and a goodbye to each at a moment of its own.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use support::{
    deadline::soon,
    raw_frame::{CLOSE, FIN, raw_frame},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::sleep,
};

use crate::{address, get, handshake, server};

/// Stops a server with so many clients. When each was told to go.
async fn goodbyes(count: usize, seconds: &str) -> Vec<Duration> {
    let connections = (count + 10).to_string();
    let limits = ["--per-address", &connections, "--connections", &connections];
    let server = server(&[&limits, &["--goodbye", seconds][..]].concat()).await;
    let address = address(&server).to_string();
    assert!(get(&address, "/readyz", "").await.starts_with("HTTP/1.1 200"));
    let mut clients = Vec::new();
    for _ in 0..count.div_ceil(100) {
        let batch = (0..count.min(100)).map(|_| handshake(&address, ""));
        clients.extend(join_all(batch).await.into_iter().map(|(status, _, stream)| {
            assert_eq!(status, 101);
            stream
        }));
    }
    let start = Instant::now();
    server.signal("TERM");
    // By hand, since ten thousand clients of a library are more work than their server has.
    let leaving = clients.into_iter().map(|mut client| {
        tokio::spawn(async move {
            let mut frame = [0; 4];
            soon(client.read_exact(&mut frame)).await.expect("a goodbye");
            let told = start.elapsed();
            // A Close frame, its length, and 1001.
            assert_eq!((frame[0], &frame[2..]), (FIN | CLOSE, &1001u16.to_be_bytes()[..]));
            let answer = raw_frame(FIN | CLOSE, true, &1001u16.to_be_bytes());
            client.write_all(&answer).await.expect("the server waits for the answer");
            let mut rest = Vec::new();
            let _ = soon(client.read_to_end(&mut rest)).await;
            told
        })
    });
    let leaving: Vec<_> = leaving.collect();
    // Meanwhile it still answers, and lets nobody in.
    sleep(Duration::from_millis(50)).await;
    let ready = get(&address, "/readyz", "").await;
    assert!(ready.starts_with("HTTP/1.1 503") && ready.ends_with("going away\n"), "{ready}");
    assert!(get(&address, "/healthz", "").await.starts_with("HTTP/1.1 200"));
    assert_eq!(handshake(&address, "").await.0, 503);
    let mut told: Vec<_> =
        join_all(leaving).await.into_iter().map(|it| it.expect("1001")).collect();
    told.sort();
    let finished = server.finished().await;
    assert!(finished.status.success(), "{}", finished.stderr);
    assert!(!finished.stderr.contains("still open"), "{}", finished.stderr);
    told
}

/// How many were told to go in each quarter of the time.
fn quarters(told: &[Duration], all: Duration) -> Vec<usize> {
    let quarter = |it: &Duration| ((it.as_secs_f64() / all.as_secs_f64() * 4.0) as usize).min(3);
    (0..4).map(|number| told.iter().filter(|it| quarter(it) == number).count()).collect()
}

#[tokio::test]
async fn goodbyes_are_spread_over_the_time_that_is_set() {
    let told = goodbyes(200, "3").await;
    let quarters = quarters(&told, Duration::from_secs(3));
    // Fifty are due. On a busy machine they may come late, but not in one instant.
    assert!(quarters.iter().all(|it| *it >= 20), "{quarters:?}");
}

#[tokio::test]
async fn a_server_without_clients_ends_at_once() {
    let server = server(&["--goodbye", "60"]).await;
    let start = Instant::now();
    let finished = server.stop().await;
    assert!(finished.status.success() && start.elapsed() < Duration::from_secs(10));
}

#[cfg_attr(not(feature = "maintainer"), ignore = "for the maintainers: it needs 20,500 files")]
#[tokio::test]
async fn ten_thousand_goodbyes_are_spread_over_five_seconds() {
    let room = websocket_streaming::max_files().unwrap_or(0).saturating_sub(1200);
    let told = goodbyes(room.min(10_000) / 100 * 100, "5").await;
    let quarters = quarters(&told, Duration::from_secs(5));
    let (first, last) = (told[0], told[told.len() - 1]);
    println!("{} clients: {quarters:?} in each quarter, from {first:?} to {last:?}", told.len());
    assert!(quarters.iter().all(|it| it * 8 >= told.len()), "{quarters:?}");
}
