//! How many, and how long?

use std::time::{Duration, Instant};

use futures_util::{SinkExt, future::join_all};
use support::{
    client::{connect, leave, next_close},
    deadline::{ON_TIME, soon},
    process::{Server, binary},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::Command,
    time::sleep,
};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    Folder, READER, WRITER, address, get, handshake, metric, server, server_with_tokens,
    until_metric,
};

#[tokio::test]
async fn one_too_many_in_all_is_told_to_come_later_and_the_server_says_that_it_is_well() {
    let server = server(&["--connections", "3"]).await;
    let address = address(&server);
    let mut clients = join_all((0..3).map(|_| connect(&server.url))).await;
    let (status, answer, _) = handshake(address, "").await;
    assert_eq!((status, answer.contains("\r\nRetry-After: 5\r\n")), (503, true), "{answer}");
    assert!(get(address, "/healthz", "").await.starts_with("HTTP/1.1 200"));
    assert!(get(address, "/", "").await.starts_with("HTTP/1.1 200"));
    leave(clients.pop().expect("three")).await;
    until_metric(address, "connections", 2).await;
    assert_eq!(handshake(address, "").await.0, 101);
}

#[tokio::test]
async fn one_too_many_from_one_address_is_refused_with_429() {
    let server = server(&["--per-address", "2"]).await;
    let _clients = join_all((0..2).map(|_| connect(&server.url))).await;
    let (status, answer, _) = handshake(address(&server), "").await;
    assert_eq!((status, answer.contains("\r\nRetry-After: 5\r\n")), (429, true), "{answer}");
    assert_eq!(metric(address(&server), "refused_address_total").await, 1);
}

#[tokio::test]
async fn behind_a_proxy_it_is_the_clients_address_that_counts() {
    let folder = Folder::new();
    let server = server_with_tokens(&folder, &["--behind-proxy", "--per-address", "1"]).await;
    let from =
        |address: &str| format!("X-Forwarded-For: {address}\r\nAuthorization: Bearer {READER}\r\n");
    let (first, _, _one) = handshake(address(&server), &from("192.0.2.1")).await;
    let (second, _, _two) = handshake(address(&server), &from("192.0.2.2")).await;
    // What stands before the proxy's own word is a client's invention.
    let (again, _, _) = handshake(address(&server), &from("192.0.2.9, 192.0.2.1")).await;
    assert_eq!((first, second, again), (101, 101, 429));
}

/// Without a proxy anybody could write that header.
#[tokio::test]
async fn without_a_proxy_nobody_is_believed() {
    let server = server(&["--per-address", "1"]).await;
    let (first, _, _one) = handshake(address(&server), "X-Forwarded-For: 192.0.2.1\r\n").await;
    let (second, _, _) = handshake(address(&server), "X-Forwarded-For: 192.0.2.2\r\n").await;
    assert_eq!((first, second), (101, 429));
    // Nor in the log, where somebody else would be blamed.
    let said = server.stop().await.stderr;
    assert!(said.contains("127.0.0.1: 429") && !said.contains("192.0.2."), "{said}");
}

/// Each has sent half a request. Those that are too many are dropped without a word; all others are
/// dropped when their time is over, and then there is room again.
#[tokio::test]
async fn slow_handshakes_keep_nobody_out_for_long() {
    let server = server(&["--at-the-door", "5", "--handshake", "3"]).await;
    let address = address(&server);
    let slow = join_all((0..20).map(async |_| {
        let mut stream = TcpStream::connect(address).await.expect("the backlog has room");
        // The server may have hung up already.
        let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost:").await;
        let start = Instant::now();
        let _ = soon(stream.read(&mut [0])).await;
        start.elapsed()
    }))
    .await;
    let at_once = slow.iter().filter(|it| **it < Duration::from_millis(2900)).count();
    assert_eq!(at_once, 15, "{slow:?}");
    let start = Instant::now();
    while handshake(address, "").await.0 != 101 {
        sleep(Duration::from_millis(20)).await;
    }
    assert!(start.elapsed() < ON_TIME, "{:?}", start.elapsed());
    assert!(metric(address, "dropped_at_the_door_total").await >= 15);
}

/// Whoever is slow on purpose, from one address, leaves room at the door for all others.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn slow_handshakes_of_one_address_keep_nobody_else_out() {
    let server = server(&["--at-the-door", "20", "--per-address", "1"]).await;
    let address = address(&server);
    let _slow = join_all((0..40).map(|_| TcpStream::connect(address))).await;
    until_metric_of_another(address, "dropped_at_the_door_total", 24).await;
}

/// As `until_metric`, asked from 127.0.0.2.
#[cfg(target_os = "linux")]
async fn until_metric_of_another(address: &str, name: &str, due: u64) {
    let asking = async {
        loop {
            let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
            socket.bind("127.0.0.2:0".parse().expect("an address")).expect("it is ours");
            let to = address.parse().expect("an address");
            let mut stream = socket.connect(to).await.expect("the server listens");
            let _ = stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
            let mut answer = String::new();
            let _ = stream.read_to_string(&mut answer).await;
            if answer.contains(&format!("\nlive_{name} {due}\n")) {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    soon(asking).await;
}

#[tokio::test]
async fn a_flood_of_publications_is_closed_with_1008_and_nobody_else_notices() {
    let server = server(&["--messages", "50"]).await;
    let mut other = connect(&server.url).await;
    let mut client = connect(&server.url).await;
    let start = Instant::now();
    for id in 0..1000 {
        let line = format!(r#"{{"type":"publish","id":"flood-{id}","text":"x"}}"#);
        if client.send(Message::text(line)).await.is_err() {
            break;
        }
    }
    let (code, reason) = next_close(&mut client).await;
    assert_eq!((code, &*reason), (1008, "more than 50 messages a second"));
    let most = 50.0 + 50.0 * start.elapsed().as_secs_f64();
    assert!(metric(address(&server), "last_line").await as f64 <= most);
    other.send(Message::text(r#"{"type":"subscribe"}"#)).await.expect("it is served");
    assert!(support::client::next_chunk(&mut other).await.contains("hello"));
}

/// Not all of it is read, and then the kernel resets the connection: but after the reason.
#[tokio::test]
async fn a_flood_of_control_frames_learns_why_it_was_closed() {
    let server = server(&["--messages", "50"]).await;
    let (status, _, mut stream) = handshake(address(&server), "").await;
    assert_eq!(status, 101);
    let ping: Vec<u8> = [0x89, 0x80 | 125, 0, 0, 0, 0].into_iter().chain([0; 125]).collect();
    let flooding = async {
        // 1.3 MB.
        stream.write_all(&ping.repeat(10_000)).await?;
        stream.shutdown().await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    let answer = soon(flooding).await.expect("no reset");
    let reason = b"more than 50 messages a second";
    assert!(answer.windows(reason.len()).any(|it| it == reason), "{}", answer.escape_ascii());
}

/// A client that floods is closed; one that publishes as fast as the program does is not.
#[tokio::test]
async fn the_client_stays_below_the_servers_limit() {
    let server = server(&[]).await;
    let lines: String = (1..=120).map(|number| format!("{number}\n")).collect();
    let done =
        support::process::run("live_client", &[&server.url, "--publish", "--once"], &lines).await;
    assert!(done.status.success(), "{}", done.stderr);
    assert_eq!(done.stdout.lines().count(), 120);
}

#[tokio::test]
async fn what_is_counted_is_not_for_strangers() {
    let server = server(&[]).await;
    let counted = get(address(&server), "/metrics", "").await;
    assert!(counted.contains("# TYPE live_connections gauge\nlive_connections 0\n"), "{counted}");
    // It came through a proxy, and so from anywhere.
    // Some proxies do not say from where.
    for from in ["192.0.2.1", "192.0.2.1,", "unknown", "unix:", "fe80::1%eth0", ""] {
        let header = format!("X-Forwarded-For: {from}\r\n");
        let stranger = get(address(&server), "/metrics", &header).await;
        assert!(stranger.starts_with("HTTP/1.1 404"), "{from}: {stranger}");
    }
}

#[tokio::test]
async fn with_few_files_it_holds_fewer_connections_and_says_so() {
    let mut shell = Command::new("sh");
    let run = "ulimit -n 256; exec \"$0\" 127.0.0.1:0 --per-address 1000";
    let server = Server::spawn(shell.arg("-c").arg(run).arg(binary("live_server"))).await;
    // One after another: only 32 may be at the door.
    let mut clients = Vec::new();
    for _ in 0..160 {
        clients.push(connect(&server.url).await);
    }
    assert_eq!(handshake(address(&server), "").await.0, 503);
    drop(clients);
    let said = server.stop().await.stderr;
    assert!(
        said.contains("160 connections instead of 10000, since this process may open 256 files"),
        "{said}"
    );
}

/// 20,000 where 10,000 are allowed; then 1,000 of one address where 100 are.
#[cfg_attr(not(feature = "maintainer"), ignore = "for the maintainers: it needs 20,500 files")]
#[tokio::test]
async fn of_twenty_thousand_connections_ten_thousand_are_served() {
    let room = websocket_streaming::max_files().unwrap_or(0).saturating_sub(500) / 2 * 2;
    let allowed = (room / 2).min(10_000);
    let folder = Folder::new();
    let limits = ["--behind-proxy", "--connections", &allowed.to_string()];
    let server = server_with_tokens(&folder, &limits).await;
    let address = address(&server);
    let mut kept = Vec::new();
    let mut refused = 0;
    let start = Instant::now();
    for batch in 0..allowed * 2 / 100 {
        // Each batch is from an address of its own, or the limit for one address would be found.
        let header = format!(
            "X-Forwarded-For: 10.0.{}.{}\r\nAuthorization: Bearer {READER}\r\n",
            batch / 250,
            batch % 250
        );
        for (status, answer, stream) in
            join_all((0..100).map(|_| handshake(address, &header))).await
        {
            match status {
                101 => kept.push(stream),
                503 => refused += 1,
                _ => panic!("{answer}"),
            }
        }
    }
    println!("{} served, {refused} refused in {:?}", kept.len(), start.elapsed());
    assert_eq!((kept.len(), refused), (allowed, allowed));
    assert!(get(address, "/healthz", "").await.starts_with("HTTP/1.1 200"));
    drop(kept);
    until_metric(address, "connections", 0).await;
    let header = format!("X-Forwarded-For: 10.9.9.9\r\nAuthorization: Bearer {READER}\r\n");
    let mut statuses = Vec::new();
    let mut held = Vec::new();
    for _ in 0..10 {
        for (status, _, stream) in join_all((0..100).map(|_| handshake(address, &header))).await {
            statuses.push(status);
            held.push(stream);
        }
    }
    let count = |due| statuses.iter().filter(|it| **it == due).count();
    assert_eq!((count(101), count(429)), (100, 900));
}

/// A message whose frames are empty, and the last of which never comes, is shorter than any limit.
#[tokio::test]
async fn a_message_that_does_not_end_is_cut_off() {
    let server = server(&[]).await;
    let (status, _, mut stream) = handshake(address(&server), "").await;
    assert_eq!(status, 101);
    let empty = [0x00, 0x80, 0, 0, 0, 0].repeat(2_000);
    let flooding = async {
        let _ = stream.write_all(&[0x01, 0x81, 0, 0, 0, 0, b'{']).await;
        // 1.2 GB, if nobody minds.
        for _ in 0..100_000 {
            if stream.write_all(&empty).await.is_err() {
                return true;
            }
        }
        false
    };
    assert!(soon(flooding).await);
    until_metric(address(&server), "connections", 0).await;
    assert_eq!(metric(address(&server), "closed_flood_total").await, 1);
}

/// Who has not shown a token yet needs no more than that.
#[tokio::test]
async fn before_the_login_there_is_room_for_a_login_only() {
    let folder = Folder::new();
    let server = server_with_tokens(&folder, &["--login", "60"]).await;
    let mut client = connect(&server.url).await;
    let login = format!(r#"{{"type":"login","token":"{}"}}"#, "x".repeat(10_000));
    client.send(Message::text(login)).await.expect("the server reads");
    let (code, _) = next_close(&mut client).await;
    assert_eq!((code, metric(address(&server), "closed_flood_total").await), (1008, 1));
    // What comes right after a login is not counted with it.
    let mut client = connect(&server.url).await;
    let login = Message::text(format!(r#"{{"type":"login","token":"{WRITER}"}}"#));
    client.feed(login).await.expect("the server reads");
    for id in 0..20 {
        let text = "\u{1}".repeat(8 * 1024).replace('\u{1}', r"\u0001");
        let line = format!(r#"{{"type":"publish","id":"{id}","text":"{text}"}}"#);
        client.feed(Message::text(line)).await.expect("the server reads");
    }
    client.flush().await.expect("the server reads");
    for _ in 0..20 {
        let answer = support::client::next_chunk(&mut client).await;
        assert!(answer.contains("published"), "{answer}");
    }
}

/// A reader may be anybody. It needs room for a line, so that it hears that it may not publish it.
#[tokio::test]
async fn whoever_may_only_read_has_room_for_a_line_and_no_more() {
    let folder = Folder::new();
    let writer = folder.file("writer", WRITER);
    let server = server(&["--writer-token-file", &writer]).await;
    let line =
        |text: String| Message::text(format!(r#"{{"type":"publish","id":"1","text":"{text}"}}"#));
    let mut client = connect(&server.url).await;
    client.send(line("x".repeat(8 * 1024))).await.expect("the server reads");
    let answer = support::client::next_chunk(&mut client).await;
    assert!(answer.contains("a reader may not publish"), "{answer}");
    client.send(line("x".repeat(16 * 1024))).await.expect("the server reads");
    let due = (1008, "this message is too long, or does not end".into());
    assert_eq!(soon(next_close(&mut client)).await, due);
    // With the token, from the next message on, there is room for the longest that makes sense.
    let mut client = connect(&server.url).await;
    let login = Message::text(format!(r#"{{"type":"login","token":"{WRITER}"}}"#));
    client.send(login).await.expect("the server reads");
    client.send(line(r"\u0001".repeat(8 * 1024))).await.expect("the server reads");
    let answer = support::client::next_chunk(&mut client).await;
    assert!(answer.contains("published"), "{answer}");
}

/// All its clients count as one address then, and whoever runs the server should know.
#[tokio::test]
async fn of_a_proxy_that_does_not_name_its_clients_the_log_warns_once_a_minute() {
    let folder = Folder::new();
    let token = format!("Authorization: Bearer {READER}\r\n");
    let named = format!("X-Forwarded-For: 192.0.2.1\r\n{token}");
    for (headers, due) in [(&token, 1), (&named, 0)] {
        let server = server_with_tokens(&folder, &["--behind-proxy"]).await;
        // A health check is the proxy's own question.
        assert!(get(address(&server), "/healthz", "").await.starts_with("HTTP/1.1 200"));
        for _ in 0..3 {
            assert_eq!(handshake(address(&server), headers).await.0, 101);
            // Longer than the second that all other events have.
            sleep(Duration::from_millis(600)).await;
        }
        let said = server.stop().await.stderr;
        let warnings = said.lines().filter(|line| line.contains("WARN") && line.contains("proxy"));
        assert_eq!(warnings.count(), due, "{said}");
        assert_eq!(said.contains("127.0.0.1 sends no X-Forwarded-For"), due == 1, "{said}");
    }
}

/// No number that a flag takes makes the server panic or hang.
#[tokio::test]
async fn with_the_largest_and_the_smallest_limits_it_serves_all_the_same() {
    let counts = ["connections", "per-address", "at-the-door", "wrong-tokens", "messages"];
    let times = ["handshake", "login", "pulse", "goodbye"];
    let flags = |count: &str, time: &str| {
        let counts = counts.iter().flat_map(|name| [format!("--{name}"), count.to_string()]);
        let times = times.iter().flat_map(|name| [format!("--{name}"), time.to_string()]);
        counts.chain(times).collect::<Vec<_>>()
    };
    for (given, served) in [
        (flags("4294967295", "86400"), true),
        // A millisecond is too short for a handshake, and a second for a page is enough here.
        (flags("1", "0.001"), false),
    ] {
        let given: Vec<_> = given.iter().map(String::as_str).collect();
        let server = server(&given).await;
        let (status, _, client) = soon(handshake(address(&server), "")).await;
        assert!(status == 101 || !served, "{status}");
        drop(client);
        let finished = soon(server.stop()).await;
        assert!(finished.status.success(), "{}", finished.stderr);
        assert!(!finished.stderr.contains("panicked"), "{}", finished.stderr);
    }
}

#[tokio::test]
async fn a_load_balancer_may_ask_with_head_whether_it_is_well() {
    let server = server(&[]).await;
    for path in ["/healthz", "/readyz", "/", "/metrics", "/nothing"] {
        let answer = get(address(&server), path, "").await;
        let (due, _) = answer.split_once("\r\n\r\n").expect("a head and a body");
        let head = format!("HEAD {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let answer = crate::ask(address(&server), &head).await;
        // But for the length of what is counted, which may have grown by a digit.
        assert_eq!(answer.strip_suffix("\r\n\r\n"), Some(due), "{path}");
    }
}
