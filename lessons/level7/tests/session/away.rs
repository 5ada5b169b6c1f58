//! The broker away, and the log begun anew: readers are told, writers are not acknowledged.

use std::time::Duration;

use level6::Log;
use level7::{Keep, Live, Role, State};
use support::{
    assert_snapshot,
    transcript::{Action::*, record},
};
use tokio::time::sleep;

use crate::{
    PUBLISH, SUBSCRIBE,
    fake::{Fake, Mood},
    session, settings,
};

/// Away from 1 s to 3 s; a line that is published meanwhile is not acknowledged, and the same again
/// is, later.
#[tokio::test(start_paused = true)]
async fn readers_are_told_that_the_log_is_out_of_reach_and_stay() {
    let log = Log::new("a");
    let (fake, strings) = Fake::new(log.clone());
    let live = Live::new(fake, settings());
    let told = live.clone();
    tokio::spawn(async move {
        sleep(Duration::from_millis(1000)).await;
        strings.mood.send_replace(Mood::Fails);
        strings.state.send_modify(|state| state.live = false);
        assert!(!told.is_ready());
        sleep(Duration::from_millis(2000)).await;
        strings.mood.send_replace(Mood::Well);
        strings.state.send_modify(|state| state.live = true);
        assert!(told.is_ready());
        sleep(Duration::from_secs(60)).await;
    });
    let script =
        [(0, Text(SUBSCRIBE)), (2000, Text(PUBLISH)), (4000, Text(PUBLISH)), (5000, Close)];
    let recording = record(session(&live, Role::Writer), &script).await;
    assert_snapshot("level7_away_transcript", &recording.transcript);
}

/// Whoever comes while it is away reads what is there, and is told.
#[tokio::test(start_paused = true)]
async fn a_reader_that_comes_meanwhile_is_told_after_the_hello() {
    let (fake, strings) = Fake::new(Log::new("a"));
    strings.state.send_modify(|state| state.live = false);
    let live = Live::new(fake, settings());
    live.keep.state().borrow().log.append("an old line".into(), false);
    let recording = record(session(&live, Role::Reader), &[(0, Text(SUBSCRIBE)), (9, Close)]).await;
    let said: Vec<_> = recording.transcript.lines().map(|line| line.contains("notice")).collect();
    assert_eq!(said, [false, false, true, false, false, false], "{}", recording.transcript);
}

/// The answer may be a long time in coming. That is no reason not to answer a ping.
#[tokio::test(start_paused = true)]
async fn while_a_line_is_being_kept_pings_are_answered_and_lines_come() {
    let log = Log::new("a");
    let (fake, strings) = Fake::new(log.clone());
    strings.mood.send_replace(Mood::Stalls);
    let live = Live::new(fake, settings());
    tokio::spawn(async move {
        sleep(Duration::from_millis(150)).await;
        log.append("from elsewhere".into(), false);
    });
    let script = [(0, Text(SUBSCRIBE)), (0, Text(PUBLISH)), (100, Ping("alive?")), (200, Close)];
    let recording = record(session(&live, Role::Writer), &script).await;
    let has = |text: &str| recording.transcript.contains(text);
    assert!(has("100 ms  server  pong") && has("150 ms  server  {"), "{}", recording.transcript);
    assert!(!has("published"), "{}", recording.transcript);
}

#[tokio::test(start_paused = true)]
async fn when_the_log_begins_anew_readers_are_closed_with_1012_and_writers_are_not() {
    for (reads, due) in [(true, "close 1012 \"the log has begun anew\""), (false, "close 1000")] {
        let (fake, strings) = Fake::new(Log::new("a"));
        let live = Live::new(fake, settings());
        tokio::spawn(async move {
            sleep(Duration::from_millis(100)).await;
            strings.state.send_replace(State { log: Log::new("b"), live: true });
            sleep(Duration::from_secs(60)).await;
        });
        let ask = if reads { SUBSCRIBE } else { PUBLISH };
        let recording = record(session(&live, Role::Writer), &[(0, Text(ask)), (200, Close)]).await;
        let line = recording.transcript.lines().find(|line| line.contains("server  close"));
        assert!(line.is_some_and(|it| it.contains(due)), "{}", recording.transcript);
    }
}

/// Whoever is told so forgets the line. Sending it again for ever would keep all others waiting.
#[tokio::test(start_paused = true)]
async fn whether_a_line_may_be_kept_later_is_what_the_log_says() {
    for (mood, due) in [
        (Mood::Fails, r#"{"type":"error","id":"w-1","reason":"the broker is away","again":true}"#),
        (Mood::Refuses, r#"{"type":"error","id":"w-1","reason":"the line is too long"}"#),
    ] {
        let (fake, strings) = Fake::new(Log::new("a"));
        strings.mood.send_replace(mood);
        let live = Live::new(fake, settings());
        let script = [(0, Text(PUBLISH)), (100, Close)];
        let recording = record(session(&live, Role::Writer), &script).await;
        assert!(recording.transcript.contains(due), "{}", recording.transcript);
    }
}
