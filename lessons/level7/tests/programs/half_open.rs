//! A connection that is half open: both sides hold it, and nothing comes through.

use std::{sync::Arc, time::Duration};

use support::{
    client::connect,
    deadline::{ON_TIME, soon},
    process::{Running, command},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{Instant, sleep},
};

use crate::{address, metric, server, until_metric};

/// A proxy that, when it is told to, swallows all that comes, on both sides, and closes nothing:
/// what a telephone does that loses its network.
async fn swallower(to: &str) -> (String, watch::Sender<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let url = format!("ws://{}", listener.local_addr().expect("it is bound"));
    let (swallow, swallows) = watch::channel(false);
    let to: Arc<str> = to.into();
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            // Only those that were there are cut off: who comes anew comes through.
            let swallows =
                if *swallows.borrow() { watch::channel(false).1 } else { swallows.clone() };
            let far = TcpStream::connect(&*to).await.expect("the server listens");
            let ((from_near, to_near), (from_far, to_far)) = (split(near), split(far));
            tokio::spawn(pass(from_near, to_far, swallows.clone()));
            tokio::spawn(pass(from_far, to_near, swallows));
        }
    });
    (url, swallow)
}

async fn pass(
    mut from: ReadHalf<TcpStream>,
    mut to: WriteHalf<TcpStream>,
    swallows: watch::Receiver<bool>,
) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        if !*swallows.borrow() && to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
    if *swallows.borrow() {
        // Not even the end is passed on.
        std::future::pending::<()>().await;
    }
}

/// After `minute` the network is gone. How long until each side has found that out.
async fn found_after(pulse: Option<&str>, minute: Duration) -> (Duration, Duration) {
    let flags: Vec<_> = pulse.into_iter().flat_map(|pulse| ["--pulse", pulse]).collect();
    let server = server(&flags).await;
    let (url, swallow) = swallower(address(&server)).await;
    let arguments = [&[url.as_str(), "--once"], &flags[..]].concat();
    let client = Running::start(&mut command("live_client", &arguments));
    until_metric(address(&server), "readers", 1).await;
    sleep(minute).await;
    assert_eq!(metric(address(&server), "readers").await, 1, "pings alone keep a connection");
    let start = Instant::now();
    swallow.send_replace(true);
    let on_the_server = async {
        until_metric(address(&server), "closed_silent_total", 1).await;
        start.elapsed()
    };
    let on_the_client = async {
        let finished = client.finished().await;
        assert!(finished.stderr.contains("the server was silent for"), "{}", finished.stderr);
        start.elapsed()
    };
    tokio::join!(on_the_server, on_the_client)
}

/// With a pulse of half a second, and two seconds for a minute.
#[tokio::test]
async fn a_connection_that_swallows_everything_is_found_by_both_sides_within_two_pulses() {
    let (server, client) = found_after(Some("0.5"), Duration::from_secs(2)).await;
    println!("found by the server after {server:?}, by the client after {client:?}");
    // The client says so after its close, to which nobody answers: 3 s.
    assert!(server >= Duration::from_millis(500) && server < ON_TIME, "{server:?}");
    assert!(client >= Duration::from_secs(3) && client < Duration::from_secs(10), "{client:?}");
}

#[cfg_attr(not(feature = "maintainer"), ignore = "for the maintainers: it takes two minutes")]
#[tokio::test]
async fn a_proxy_that_swallows_everything_after_a_minute_is_found_within_forty_seconds() {
    let (server, client) = found_after(None, Duration::from_secs(61)).await;
    println!("found by the server after {server:?}, by the client after {client:?}");
    assert!(server <= Duration::from_secs(41), "{server:?}");
    assert!(client <= Duration::from_secs(44), "{client:?}");
}

/// Over real sockets: one that never reads, and so answers no ping.
#[tokio::test]
async fn a_client_that_never_reads_is_found() {
    let server = server(&["--pulse", "0.3"]).await;
    let _client = connect(&server.url).await;
    soon(until_metric(address(&server), "closed_silent_total", 1)).await;
    until_metric(address(&server), "connections", 0).await;
}
