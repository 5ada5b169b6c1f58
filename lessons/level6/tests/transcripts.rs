//! What the server puts on the wire, to the millisecond, in virtual time; the book shows some.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use level6::{BURST, Event, Log, Logs, ROOM_DEADLINE, SUBSCRIBE_DEADLINE};
use support::{
    assert_snapshot,
    client::{next_chunk, next_close},
    connection::{Served, shake_hands},
    deadline::{never, soon},
    transcript::{Action::*, record},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, duplex},
    time::{Instant, sleep},
};
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};
use tokio_util::sync::CancellationToken;
use websocket_streaming::{CLOSE_DEADLINE, Ending, serve_connection};

const SUBSCRIBE: &str = r#"{"type":"subscribe","log":"a","after":0}"#;

/// A log with these many lines.
fn filled(capacity: usize, count: usize) -> Arc<Log> {
    let log = Log::with_capacity("a", capacity, usize::MAX);
    for number in 1..=count {
        log.append(format!("line {number}"), false);
    }
    log
}

/// Appends a line at each of these milliseconds, and then ends the log.
fn append_later(log: &Arc<Log>, times: &'static [u64], status: Option<i32>) {
    let log = log.clone();
    let start = Instant::now();
    tokio::spawn(async move {
        for ms in times {
            tokio::time::sleep_until(start + Duration::from_millis(*ms)).await;
            log.append(format!("at {ms} ms"), *ms == 200);
        }
        sleep(Duration::from_millis(100)).await;
        log.end(status);
    });
}

#[tokio::test(start_paused = true)]
async fn a_reader_gets_the_newest_lines_and_then_each_as_it_comes_to_the_end() {
    let log = filled(100, 12);
    append_later(&log, &[100, 200, 300], Some(0));
    let script = [(0, Text(r#"{"type":"subscribe","tail":2}"#)), (250, Ping("alive?"))];
    let recording = record(Logs(log), &script).await;
    assert_snapshot("level6_tail_transcript", &recording.transcript);
    assert!(matches!(recording.ending, Ending::Complete), "{:?}", recording.ending);
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_comes_back_hears_what_is_missing_and_goes_on() {
    let log = filled(3, 12);
    let subscribe = r#"{"type":"subscribe","log":"a","after":5}"#;
    let recording = record(Logs(log), &[(0, Text(subscribe)), (1000, Close)]).await;
    assert_snapshot("level6_gap_transcript", &recording.transcript);
}

#[tokio::test(start_paused = true)]
async fn a_reader_of_another_log_is_told_this_one_from_its_beginning() {
    let subscribe = r#"{"type":"subscribe","log":"an older one","after":500}"#;
    let recording = record(Logs(filled(100, 2)), &[(0, Text(subscribe)), (1000, Close)]).await;
    assert_snapshot("level6_another_log_transcript", &recording.transcript);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_subscription_is_refused_with_the_reason() {
    let mut seen = String::new();
    for request in [
        r#"{"type":"subscribe","log":"a","after":13}"#,
        r#"{"type":"subscribe","log":"a","after":-1}"#,
        r#"{"type":"subscribe","log":"a","after":"12"}"#,
        r#"{"type":"subscribe","log":"a","after":1e99}"#,
        r#"{"type":"subscribe","after":12}"#,
        r#"{"type":"subscribe","tail":-1}"#,
        r#"{"type":"publish"}"#,
        r#""subscribe""#,
        "Hello",
        "",
    ] {
        seen += &record(Logs(filled(100, 12)), &[(0, Text(request))]).await.transcript;
    }
    let binary = [(0, Binary(&[1, 2, 3]))];
    seen += &record(Logs(filled(100, 12)), &binary).await.transcript;
    seen += &record(Logs(filled(100, 12)), &[]).await.transcript;
    assert_snapshot("level6_refused_transcript", &seen);
    assert_eq!(SUBSCRIBE_DEADLINE, Duration::from_secs(10));

    // It reads no more than a subscription may need.
    for (length, due) in [(512, "server  close 1008 "), (513, "server  close 1009 ")] {
        let script = [(0, Text(&"x".repeat(length)))];
        let transcript = record(Logs(filled(100, 12)), &script).await.transcript;
        assert!(transcript.contains(due), "{length} bytes: {transcript}");
    }
}

#[tokio::test(start_paused = true)]
async fn to_subscribe_twice_is_refused_and_so_is_whatever_else_a_reader_says() {
    let mut seen = String::new();
    for second in [SUBSCRIBE, "Hello"] {
        let script = [(0, Text(SUBSCRIBE)), (100, Text(second))];
        seen += &record(Logs(filled(100, 1)), &script).await.transcript;
    }
    assert_snapshot("level6_twice_transcript", &seen);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_tells_its_readers_so() {
    let script = [(0, Text(SUBSCRIBE)), (100, StopServer)];
    let recording = record(Logs(filled(100, 1)), &script).await;
    let end = "   100 ms  server  close 1001 \"the server is shutting down\"\n";
    assert!(recording.transcript.ends_with(end), "{}", recording.transcript);
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_leaves_is_no_longer_counted() {
    for leave in [Close, Vanish] {
        let log = filled(100, 1);
        let recording = record(Logs(log.clone()), &[(0, Text(SUBSCRIBE)), (100, leave)]).await;
        assert_eq!(recording.ended_after, Duration::from_millis(100));
        assert_eq!(log.readers(), 0);
    }
}

/// The client's end of a connection that is subscribed, and how the server's side ends.
async fn subscribed(log: &Arc<Log>) -> (WebSocketStream<DuplexStream>, Served) {
    let Served { stream, stop, ended } = Served::by(Logs(log.clone()));
    let (unused, _) = duplex(1);
    let mut socket = shake_hands(stream).await;
    socket.send(Message::text(SUBSCRIBE)).await.expect("the server reads");
    (socket, Served { stream: unused, stop, ended })
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_takes_nothing_for_30_s_is_told_to_come_back_later() {
    let log = filled(100, 0);
    let (mut socket, served) = subscribed(&log).await;
    let start = Instant::now();
    let other = subscribed(&log).await.0;
    // With its frame, each line is more than 16 KiB: a few fill what is between us.
    for _ in 0..20 {
        log.append("x".repeat(16 * 1024), false);
        tokio::task::yield_now().await;
    }
    // Nobody has waited for it, and nobody does now.
    assert_eq!(start.elapsed(), Duration::ZERO);
    drop(other);

    let (ending, ended) = soon(served.ended).await.expect("no panic");
    assert_eq!(ended - start, Duration::from_secs(30) + CLOSE_DEADLINE);
    let Ending::Failed(error) = ending else { panic!("{ending:?}") };
    assert_eq!(error.to_string(), "close 1013: you read nothing for 30 s");
    // What it had been sent before is still there for it.
    assert!(next_chunk(&mut socket).await.contains(r#""type":"hello""#));
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_hears_what_it_has_missed_and_goes_on() {
    let log = filled(5, 0);
    let (mut socket, served) = subscribed(&log).await;
    assert!(next_chunk(&mut socket).await.contains("hello"));
    let line = "x".repeat(16 * 1024);
    for _ in 0..100 {
        log.append(line.clone(), false);
        sleep(Duration::from_millis(1)).await;
    }
    // Within its 30 s.
    sleep(ROOM_DEADLINE / 2).await;
    log.end(None);
    let (mut due, mut gaps) = (1, 0);
    while let Some(message) = soon(socket.next()).await {
        let Ok(Message::Text(text)) = message else { continue };
        match serde_json::from_str(&text).expect("an event") {
            Event::Line { seq, .. } => {
                assert_eq!(seq, due);
                due += 1;
            }
            Event::Gap { from, to } => {
                assert_eq!(from, due);
                due = to + 1;
                gaps += 1;
            }
            event => assert_eq!(event, Event::End { status: None }),
        }
    }
    assert_eq!(due, 101, "everything is told of");
    assert!(gaps > 0);
    let (ending, _) = soon(served.ended).await.expect("no panic");
    assert!(matches!(ending, Ending::Complete), "{ending:?}");
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_is_only_slow_is_not_given_up() {
    let log = filled(1000, 0);
    for _ in 0..200 {
        log.append("x".repeat(16 * 1024), false);
    }
    log.end(None);
    let (mut socket, _served) = subscribed(&log).await;
    // Four lines fill what is between us; this takes minutes.
    for seq in 1..=200 {
        let line = loop {
            let text = next_chunk(&mut socket).await;
            if !text.contains("hello") {
                break text;
            }
        };
        assert!(line.contains(&format!("\"seq\":{seq},")), "{line:.40}");
        sleep(ROOM_DEADLINE / 10).await;
    }
    assert_eq!(next_chunk(&mut socket).await, r#"{"type":"end"}"#);
}

#[tokio::test(start_paused = true)]
async fn pings_are_answered_though_there_is_always_more_to_send() {
    // It takes hundreds of bursts to send all of it.
    let (mut socket, _served) = subscribed(&filled(20_000, 20_000)).await;
    for payload in ["one", "two", "three"] {
        socket.send(Message::Ping(payload.into())).await.expect("the server reads");
        let mut before = 0;
        loop {
            match soon(socket.next()).await.expect("open").expect("no error") {
                Message::Pong(answer) => break assert_eq!(answer, payload),
                _ => before += 1,
            }
            assert!(before < 5000, "no pong among {before} lines");
        }
    }
}

/// A stream that counts how often it is written to.
struct Counted {
    stream: DuplexStream,
    writes: Arc<AtomicUsize>,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.writes.fetch_add(1, Relaxed);
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[tokio::test(start_paused = true)]
async fn many_lines_at_once_are_sent_in_a_few_writes() {
    let log = filled(1000, 0);
    let (near, far) = duplex(1024 * 1024);
    let writes = Arc::new(AtomicUsize::new(0));
    let counted = Counted { stream: far, writes: writes.clone() };
    let logs = Logs(log.clone());
    tokio::spawn(async move { serve_connection(counted, &logs, CancellationToken::new()).await });
    let mut socket = shake_hands(near).await;
    socket.send(Message::text(SUBSCRIBE)).await.expect("the server reads");
    assert!(next_chunk(&mut socket).await.contains("hello"));

    let before = writes.load(Relaxed);
    for number in 0..300 {
        log.append(format!("line {number}"), false);
    }
    for _ in 0..300 {
        next_chunk(&mut socket).await;
    }
    let count = writes.load(Relaxed) - before;
    assert_eq!(count, 300usize.div_ceil(BURST), "a write for each {BURST} lines");
    never(Duration::from_secs(60), socket.next()).await;
}

#[tokio::test(start_paused = true)]
async fn a_reader_without_room_does_not_hold_up_the_close() {
    let log = filled(100, 0);
    let (mut socket, served) = subscribed(&log).await;
    for _ in 0..20 {
        log.append("x".repeat(16 * 1024), false);
    }
    sleep(Duration::from_secs(1)).await;
    let start = Instant::now();
    served.stop.cancel();
    let (code, _reason) = next_close(&mut socket).await;
    assert_eq!(code, 1001);
    drop(socket);
    let (_, ended) = soon(served.ended).await.expect("no panic");
    assert!(ended - start < Duration::from_secs(5));
}
