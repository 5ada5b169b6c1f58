//! The client, in virtual time: how long it waits, when it gives up, and what it has at the end.

mod hello;
mod herd;
#[path = "../support/random.rs"]
mod random;

use std::{collections::VecDeque, fmt::Write, io, sync::Arc, time::Duration};

use futures_util::{SinkExt, StreamExt};
use level6::{
    BACKOFF_BASE, BACKOFF_CAP, Backoff, Client, Event, Log, Logs, SILENCE, Seen, full_jitter,
};
use random::Random;
use support::{assert_snapshot, connection::Served, deadline::soon};
use tokio::{
    io::{AsyncWriteExt, duplex},
    time::{Instant, sleep},
};
use tokio_tungstenite::{
    client_async,
    tungstenite::{
        Error, Message, error::ProtocolError, http::StatusCode, protocol::frame::coding::CloseCode,
    },
};
use websocket_streaming::{
    ByteStream, CloseWith, ConnectError, ConnectErrorKind, Handler, WebSocket, next_text,
};

/// What the client finds when it dials.
#[derive(Clone)]
enum Found {
    /// Nobody listens.
    Nobody,
    /// A server that answers with this HTTP status.
    Status(u16),
    /// Something that cannot be connected to.
    NoUrl,
    /// A handshake that fails so.
    NoHandshake(ProtocolError),
    /// The log, and for how many milliseconds the connection holds.
    Log(Arc<Log>, u64),
    /// A server that says hello, and closes with this code.
    Closes(u16),
    /// A server that says this, and stays.
    Says(&'static str),
    /// A server that says this, and fails.
    Fails(&'static str),
    /// A server that answers with these bytes, says nothing more, and answers no ping.
    Bytes(&'static [u8]),
}

struct Closes(u16);

impl Handler for Closes {
    async fn handle(&self, socket: &mut WebSocket) -> anyhow::Result<()> {
        next_text(socket).await?;
        Err(CloseWith::new(CloseCode::from(self.0), "so it is").into())
    }
}

/// What it says, and whether it stays then.
struct Says(&'static str, bool);

impl Handler for Says {
    async fn handle(&self, socket: &mut WebSocket) -> anyhow::Result<()> {
        socket.send(Message::text(self.0)).await?;
        anyhow::ensure!(self.1, "it does not stay");
        while next_text(socket).await?.is_some() {}
        Ok(())
    }
}

async fn connected(served: Served) -> WebSocket {
    let stream: Box<dyn ByteStream> = Box::new(served.stream);
    client_async("ws://memory/", stream).await.expect("the handshake succeeds").0
}

async fn dial(found: Found) -> Result<WebSocket, ConnectError> {
    let kind = match found {
        Found::Nobody => ConnectErrorKind::Tcp(io::ErrorKind::ConnectionRefused.into()),
        Found::Status(status) => {
            ConnectErrorKind::Refused(StatusCode::from_u16(status).expect("a status"))
        }
        Found::NoUrl => ConnectErrorKind::Url("a URL looks like ws://127.0.0.1:8765".into()),
        Found::Log(log, ms) => {
            let served = Served::by(Logs(log));
            let server = served.ended.abort_handle();
            tokio::spawn(async move {
                sleep(Duration::from_millis(ms)).await;
                // As if it were killed: no goodbye.
                server.abort();
            });
            return Ok(connected(served).await);
        }
        Found::Closes(code) => return Ok(connected(Served::by(Closes(code))).await),
        Found::Says(text) => return Ok(connected(Served::by(Says(text, true))).await),
        Found::Fails(text) => return Ok(connected(Served::by(Says(text, false))).await),
        Found::NoHandshake(error) => ConnectErrorKind::Handshake(Error::Protocol(error)),
        Found::Bytes(bytes) => {
            let (near, mut far) = duplex(64 * 1024);
            tokio::spawn(async move {
                let mut socket = tokio_tungstenite::accept_async(&mut far).await.expect("a client");
                let _ = socket.next().await;
                far.write_all(bytes).await.expect("the client reads");
                std::future::pending::<()>().await;
            });
            let stream: Box<dyn ByteStream> = Box::new(near);
            return Ok(client_async("ws://memory/", stream).await.expect("it agrees").0);
        }
    };
    Err(ConnectError { url: "ws://memory".into(), kind })
}

/// Waits as long as it may: without chance, so that a test knows when.
fn longest(limit: Duration) -> Duration {
    limit
}

/// What a client saw, with times, and how it ended. After the last that it can find, nobody
/// listens.
async fn follow(found: Vec<Found>, once: bool, minutes: u64) -> (String, Vec<Seen>) {
    let start = Instant::now();
    let mut found = VecDeque::from(found);
    let dial = async move || dial(found.pop_front().unwrap_or(Found::Nobody)).await;
    let client = Client { dial, tail: 10, once, jitter: longest };
    let (mut transcript, mut seen) = (String::new(), Vec::new());
    let following = client.follow(|event| {
        writeln!(transcript, "{:>6} ms  {event:?}", start.elapsed().as_millis()).expect("room");
        seen.push(event);
    });
    let outcome = tokio::time::timeout(Duration::from_secs(60 * minutes), following).await;
    let ms = start.elapsed().as_millis();
    match outcome {
        Ok(Ok(())) => writeln!(transcript, "{ms:>6} ms  done"),
        Ok(Err(error)) => writeln!(transcript, "{ms:>6} ms  gives up: {error}"),
        Err(_elapsed) => writeln!(transcript, "{ms:>6} ms  still trying"),
    }
    .expect("room");
    (transcript, seen)
}

fn log_of(name: &str, capacity: usize, lines: u64) -> Arc<Log> {
    let log = Log::with_capacity(name, capacity, usize::MAX);
    for number in 1..=lines {
        log.append(format!("line {number}"), false);
    }
    log
}

/// Appends a line every so many milliseconds.
fn fill(log: &Arc<Log>, every: u64, count: u64) {
    let log = log.clone();
    tokio::spawn(async move {
        for _ in 0..count {
            sleep(Duration::from_millis(every)).await;
            log.append("more".into(), false);
        }
        log.end(Some(0));
    });
}

#[tokio::test(start_paused = true)]
async fn each_wait_may_be_twice_as_long_and_good_news_make_it_short_again() {
    let log = log_of("a", 100, 1);
    let mut found = vec![Found::Nobody; 10];
    found.push(Found::Log(log, 5000));
    let (transcript, _) = follow(found, false, 3).await;
    assert_snapshot("level6_client_waits", &transcript);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_greets_and_fails_is_not_asked_at_full_speed() {
    let log = log_of("a", 100, 0);
    let (_, seen) = follow(vec![Found::Log(log, 10); 5], false, 1).await;
    let waits = seen.iter().filter_map(|seen| match seen {
        Seen::Waiting(_, wait) => Some(wait.as_millis()),
        _ => None,
    });
    assert_eq!(waits.take(5).collect::<Vec<_>>(), [250, 500, 1000, 2000, 4000]);
}

#[tokio::test(start_paused = true)]
async fn it_resumes_says_what_it_lost_and_ends_with_the_log() {
    let log = log_of("a", 5, 2);
    fill(&log, 100, 30);
    // Away once for a short time, once for longer than the log remembers.
    let found = vec![
        Found::Log(log.clone(), 250),
        Found::Log(log.clone(), 320),
        Found::Nobody,
        Found::Nobody,
        Found::Log(log, 60_000),
    ];
    let (transcript, _) = follow(found, false, 3).await;
    assert_snapshot("level6_client_resumes", &transcript);
}

#[tokio::test(start_paused = true)]
async fn it_says_that_a_new_log_begins_anew_and_takes_all_of_it() {
    let found = vec![Found::Log(log_of("a", 100, 20), 100), Found::Log(log_of("b", 100, 3), 100)];
    let (_, seen) = follow(found, false, 1).await;
    let anew = seen.iter().position(|it| *it == Seen::Anew).expect("it says so");
    let lines: Vec<_> = (1..=3).map(|n| Seen::Line(format!("line {n}"), false)).collect();
    assert_eq!(seen[anew + 1..anew + 4], lines);
    assert!(!seen.iter().any(|it| matches!(it, Seen::Lost(_))), "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_missed_if_the_first_connection_breaks_before_the_first_line() {
    let hello = r#"{"type":"hello","log":"a","first":1,"last":12}"#;
    // Meanwhile there are 40 lines; the newest ten would be a hole in what it was promised.
    let found = vec![Found::Fails(hello), Found::Log(log_of("a", 100, 40), 1000)];
    let (transcript, seen) = follow(found, false, 1).await;
    let lines = seen.into_iter().filter(|it| matches!(it, Seen::Line(..) | Seen::Lost(_)));
    let due = (3..=40).map(|number| Seen::Line(format!("line {number}"), false));
    assert!(lines.eq(due), "{transcript}");
}

#[tokio::test(start_paused = true)]
async fn a_hole_and_a_double_that_the_server_does_not_know_of_are_seen_all_the_same() {
    let served = Found::Log(log_of("a", 100, 5), 100);
    let gap = r#"{"type":"line","seq":9,"ms":0,"text":"nine"}"#;
    let (_, seen) = follow(vec![served.clone(), Found::Says(gap)], false, 1).await;
    let after = seen.iter().position(|it| *it == Seen::Lost(3)).expect("6, 7 and 8 are lost");
    assert_eq!(seen[after + 1], Seen::Line("nine".into(), false));
    let double = r#"{"type":"line","seq":5,"ms":0,"text":"again"}"#;
    let (_, seen) = follow(vec![served, Found::Says(double)], false, 1).await;
    assert!(!seen.contains(&Seen::Line("again".into(), false)), "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn it_does_not_try_again_where_it_would_be_in_vain() {
    let mut seen = String::new();
    for found in [
        Found::NoUrl,
        Found::Status(403),
        Found::Status(404),
        Found::Closes(1000),
        Found::Closes(1003),
        Found::Closes(1008),
        Found::Closes(4401),
        Found::Says("Hello"),
        // A binary message, and a frame of a kind that there is none of.
        Found::Bytes(&[0x82, 1, 0]),
        Found::Bytes(&[0x83, 0]),
        Found::NoHandshake(ProtocolError::WrongHttpVersion),
    ] {
        seen += &follow(vec![found], false, 10).await.0;
    }
    assert_snapshot("level6_client_in_vain", &seen);
    for found in [
        Found::Nobody,
        Found::Status(408),
        Found::Status(429),
        Found::Status(503),
        Found::Closes(1001),
        Found::Closes(1011),
        Found::Closes(1012),
        Found::Closes(1013),
        Found::NoHandshake(ProtocolError::HandshakeIncomplete),
    ] {
        let (transcript, _) = follow(vec![found], false, 10).await;
        assert!(transcript.ends_with("600000 ms  still trying\n"), "{transcript}");
    }
}

#[tokio::test(start_paused = true)]
async fn with_once_it_does_not_come_back() {
    for found in [Found::Nobody, Found::Log(log_of("a", 10, 1), 100), Found::Closes(1001)] {
        let (transcript, seen) = follow(vec![found], true, 10).await;
        assert!(transcript.contains("gives up: "), "{transcript}");
        assert!(!seen.iter().any(|it| matches!(it, Seen::Waiting(..))), "{transcript}");
    }
}

/// A server's frame of text.
fn frame(text: &str) -> Vec<u8> {
    [&[0x81, u8::try_from(text.len()).expect("short")], text.as_bytes()].concat()
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_silent_and_answers_no_ping_is_given_up() {
    let hello = frame(r#"{"type":"hello","log":"a","first":1,"last":0}"#);
    let (transcript, seen) = follow(vec![Found::Bytes(hello.leak())], true, 10).await;
    let ms = (2 * SILENCE + websocket_streaming::CLOSE_DEADLINE).as_millis();
    assert_eq!(seen, [Seen::Connected]);
    assert!(
        transcript.contains(&format!("{ms} ms  gives up: the server was silent")),
        "{transcript}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_quiet_log_is_not_taken_for_a_dead_server() {
    let log = log_of("a", 10, 1);
    let later = log.clone();
    tokio::spawn(async move {
        sleep(Duration::from_secs(3600)).await;
        later.end(None);
    });
    let (_, seen) = follow(vec![Found::Log(log, u64::MAX / 2)], false, 100).await;
    let line = Seen::Line("line 1".into(), false);
    assert_eq!(seen, [Seen::Connected, line, Seen::End(None)]);
}

#[tokio::test(start_paused = true)]
async fn what_a_later_version_says_is_passed_over() {
    let event: Event = serde_json::from_str(r#"{"type":"weather","rain":true}"#).expect("parsed");
    assert_eq!(event, Event::Unknown);
    let line = r#"{"type":"line","seq":1,"ms":2,"text":"x","color":"red"}"#;
    assert!(serde_json::from_str::<Event>(line).is_ok());
}

#[test]
fn the_waits_are_spread_over_all_that_is_allowed() {
    let waits: Vec<_> = (0..10_000).map(|_| full_jitter(BACKOFF_CAP)).collect();
    let mean = waits.iter().sum::<Duration>() / 10_000;
    assert!(waits.iter().all(|wait| *wait <= BACKOFF_CAP));
    // Twelve times as far as chance may well take it.
    assert!(mean.abs_diff(BACKOFF_CAP / 2) < Duration::from_secs(1), "{mean:?}");
    assert!(waits.iter().any(|wait| *wait < BACKOFF_CAP / 100));
    let mut backoff = Backoff::default();
    assert_eq!(backoff.next_limit(), BACKOFF_BASE);
    let last = (0..100).map(|_| backoff.next_limit()).last();
    assert_eq!(last, Some(BACKOFF_CAP));
    backoff.reset();
    assert_eq!(backoff.next_limit(), BACKOFF_BASE);
}

#[tokio::test(start_paused = true)]
async fn whatever_breaks_and_whenever_no_line_is_lost_in_silence_and_none_comes_twice() {
    let seeds = if cfg!(feature = "maintainer") { 100 } else { 8 };
    for seed in 0..seeds {
        let mut random = Random(seed);
        let log = Log::with_capacity("a", 30, usize::MAX);
        let lines = log.clone();
        tokio::spawn(async move {
            for number in 1..=2000 {
                sleep(Duration::from_millis(1)).await;
                lines.append(number.to_string(), false);
            }
            lines.end(None);
        });
        // Who has heard nothing at all has no place yet to come back to, and misses nothing.
        let mut shortest = 1;
        let dial = async move || {
            let ms = random.below(60).max(std::mem::take(&mut shortest));
            dial(Found::Log(log.clone(), ms)).await
        };
        let client = Client { dial, tail: u64::MAX, once: false, jitter: |limit| limit / 5 };
        let (mut last, mut lost, mut breaks) = (0, 0, 0);
        let following = client.follow(|seen| match seen {
            Seen::Line(text, _) => {
                last += 1;
                assert_eq!(text, last.to_string(), "seed {seed}");
            }
            Seen::Lost(count) => {
                last += count;
                lost += count;
            }
            Seen::Waiting(..) => breaks += 1,
            _ => {}
        });
        soon(following).await.expect("the end is reached");
        assert_eq!(last, 2000);
        assert!(breaks > 5 && lost > 0, "{breaks} breaks, {lost} lines lost");
    }
}
