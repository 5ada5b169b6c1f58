//! The client that publishes.

use std::{sync::Arc, time::Duration};

use level6::{Event, Log, Subscribe};
use level7::{Keep, Memory, Outbox, PULSE, Shown};
use support::{assert_snapshot, deadline::soon};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};
use websocket_streaming::CLOSE_DEADLINE;

use crate::{
    Found, Notes, client,
    fake::{Fake, Mood},
    live_with,
};

/// These lines, as if they came on standard input, a pause before each.
fn input(lines: Vec<String>, pause: Duration) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        for line in lines {
            sleep(pause).await;
            if sender.send(line).await.is_err() {
                break;
            }
        }
    });
    receiver
}

/// All lines of a log.
fn texts(log: &Arc<Log>) -> Vec<String> {
    let all = Subscribe { tail: Some(u64::MAX), ..Subscribe::default() };
    let mut reader = log.reader(&all).expect("there is such a place").1;
    let events = std::iter::from_fn(|| reader.take());
    let events = events.map(|json| serde_json::from_str(&json).expect("an event"));
    let text = |event| match event {
        Event::Line { text, .. } => text,
        other => panic!("{other:?}"),
    };
    events.map(text).collect()
}

async fn publish<K: Keep>(
    found: Vec<Found<K>>,
    lines: Vec<String>,
    pause: u64,
) -> (Notes, Option<String>) {
    let mut notes = Notes::new();
    let lines = input(lines, Duration::from_millis(pause));
    let (show, outbox) = (|shown| notes.add(shown), Outbox::new("w"));
    let outcome = soon(client(found).publish(lines, outbox, 50, show)).await;
    (notes, outcome.err().map(|error| error.to_string()))
}

fn numbers(count: u64) -> Vec<String> {
    (1..=count).map(|number| number.to_string()).collect()
}

#[tokio::test(start_paused = true)]
async fn lines_are_kept_in_order_and_no_faster_than_wished() {
    let log = Log::new("a");
    let start = Instant::now();
    let live = live_with(Memory::new(log.clone()));
    let (notes, error) = publish(vec![Found::Live(live, 1_000_000)], numbers(101), 0).await;
    assert_eq!((texts(&log), error), (numbers(101), None));
    // The first at once, and then 20 ms between two.
    let took = start.elapsed();
    assert!(took >= Duration::from_secs(2) && took < Duration::from_millis(2200), "{took:?}");
    let kept = notes.shown.iter().filter(|it| matches!(it, Shown::Kept(_)));
    assert_eq!(kept.count(), 101, "{}", notes.text);
}

/// The answer to a line is lost with the connection, and nobody knows whether the line is kept. It
/// is: the second line, sent at 40 ms, has no answer when the server is killed at 50 ms.
#[tokio::test(start_paused = true)]
async fn a_line_whose_answer_is_lost_is_sent_again_and_kept_once() {
    let log = Log::new("a");
    let (fake, strings) = Fake::new(log.clone());
    let live = live_with(fake);
    let mood = strings.mood.clone();
    tokio::spawn(async move {
        sleep(Duration::from_millis(30)).await;
        mood.send_replace(Mood::KeepsAndStalls);
        sleep(Duration::from_millis(30)).await;
        mood.send_replace(Mood::Well);
    });
    let found = vec![Found::Live(live.clone(), 50), Found::Live(live, 10_000)];
    let (notes, error) = publish(found, numbers(3), 20).await;
    assert_snapshot("level7_lost_answer_transcript", &notes.text);
    assert_eq!((texts(&log), error), (numbers(3), None));
}

#[tokio::test(start_paused = true)]
async fn whenever_connections_break_each_line_is_kept_once_and_in_order() {
    let log = Log::new("a");
    let live = live_with(Memory::new(log.clone()));
    let breaking: Vec<_> = (0..40).map(|it| Found::Live(live.clone(), 17 * it % 101)).collect();
    let found = breaking.into_iter().chain([Found::Live(live, 1_000_000)]).collect();
    let (notes, error) = publish(found, numbers(300), 7).await;
    assert_eq!((texts(&log), error), (numbers(300), None), "{}", notes.text);
    let kept = notes.shown.iter().filter(|it| matches!(it, Shown::Kept(_)));
    assert_eq!(kept.count(), 300, "each is acknowledged once");
}

/// The broker is away for ten seconds. The connection stays.
#[tokio::test(start_paused = true)]
async fn while_the_log_is_out_of_reach_lines_wait_and_none_is_lost() {
    let log = Log::new("a");
    let (fake, strings) = Fake::new(log.clone());
    strings.mood.send_replace(Mood::Fails);
    tokio::spawn(async move {
        sleep(Duration::from_secs(10)).await;
        strings.mood.send_replace(Mood::Well);
    });
    let start = Instant::now();
    let live = live_with(fake);
    let found = vec![Found::Live(live.clone(), 1_000_000)];
    let (notes, error) = publish(found, numbers(100), 1).await;
    let mut kept = texts(&log);
    kept.sort_by_key(|text| text.parse::<u64>().expect("a number"));
    assert_eq!((kept, error), (numbers(100), None));
    let connections = notes.shown.iter().filter(|it| matches!(it, Shown::Seen(_)));
    assert_eq!(connections.count(), 1, "{}", notes.text);
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    // It was asked now and then, and not all the time.
    let asked = live.metrics.not_kept.load(std::sync::atomic::Ordering::Relaxed);
    assert!(asked < 300, "{asked}");
}

#[tokio::test(start_paused = true)]
async fn a_line_that_will_never_be_kept_is_shown_and_the_others_go_on() {
    let log = Log::new("a");
    let live = live_with(Memory::new(log.clone()));
    let lines = vec!["1".to_string(), "x".repeat(8193), "2".to_string()];
    let (notes, error) = publish(vec![Found::Live(live, 10_000)], lines.clone(), 0).await;
    let refused = Shown::Refused(lines[1].clone(), "a line has at most 8192 bytes".into());
    assert!(notes.shown.contains(&refused), "{}", notes.text);
    assert_eq!((texts(&log), error), (numbers(2), None));
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_is_given_up_after_forty_seconds_and_its_lines_go_elsewhere() {
    let log = Log::new("a");
    let live = live_with(Memory::new(log.clone()));
    let found = vec![Found::Silent, Found::Live(live, 10_000)];
    let start = Instant::now();
    let (notes, error) = publish(found, numbers(3), 0).await;
    assert_eq!((texts(&log), error), (numbers(3), None), "{}", notes.text);
    let took = start.elapsed();
    assert!(took < 2 * PULSE + CLOSE_DEADLINE + Duration::from_secs(1), "{took:?}");
}
