//! One fault each, seen from the wire.

use std::time::{Duration, Instant};

#[cfg(feature = "maintainer")]
use futures_util::StreamExt;
use level6::{Event, Subscribe};
use level7::{Answer, Request, Said};
use support::{
    client::{connect, next_close},
    deadline::ON_TIME,
    process,
};

use tokio::time::sleep;

use crate::{
    broker::Broker,
    servers::{
        has_status, next, next_line, next_notice, publish, published, reader, say, server, status,
    },
};

/// Whoever reads on after this line of this log.
fn after(hello: &Event, last: u64) -> Subscribe {
    let Event::Hello { log, .. } = hello else { panic!("not a hello: {hello:?}") };
    Subscribe { log: Some(log.clone()), after: Some(last), tail: None }
}

fn log_of(hello: &Event) -> (&str, u64, u64) {
    let Event::Hello { log, first, last, .. } = hello else { panic!("not a hello: {hello:?}") };
    (log, *first, *last)
}

pub async fn a_server_without_its_broker_says_how_to_start_one() {
    // Nothing listens there: the port is one that was given back at once.
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr());
    let url = format!("nats://{}", free.expect("there is a free port"));
    let finished = process::run("live_server", &["127.0.0.1:0", "--nats", &url], "").await;
    assert!(!finished.status.success());
    assert!(finished.stderr.contains("start one with `nats-server -js`"), "{}", finished.stderr);
    assert_eq!(finished.stdout, "", "it must not say that it listens");
}

pub async fn a_line_that_one_server_keeps_is_read_at_both_under_one_number() {
    let broker = Broker::start().await;
    let (a, b) = (server(&broker, &[]).await, server(&broker, &[]).await);
    let (mut at_a, hello_a) = reader(&a, Subscribe::default()).await;
    let (mut at_b, hello_b) = reader(&b, Subscribe::default()).await;
    assert_eq!(log_of(&hello_a), log_of(&hello_b));
    let (mut to_a, mut to_b) = (connect(&a.url).await, connect(&b.url).await);
    assert_eq!(publish(&mut to_a, "1", "to a").await, published("1", 1));
    assert_eq!(publish(&mut to_b, "2", "to b").await, published("2", 2));
    for reader in [&mut at_a, &mut at_b] {
        assert_eq!(next_line(reader).await, (1, "to a".into()));
        assert_eq!(next_line(reader).await, (2, "to b".into()));
    }
}

pub async fn the_same_id_has_the_same_number_at_every_server() {
    let mut broker = Broker::start().await;
    let (a, b) = (server(&broker, &[]).await, server(&broker, &[]).await);
    let (mut to_a, mut to_b) = (connect(&a.url).await, connect(&b.url).await);
    assert_eq!(publish(&mut to_a, "x", "once").await, published("x", 1));
    assert_eq!(publish(&mut to_b, "x", "once").await, published("x", 1));
    // What a header would not keep apart.
    assert_eq!(publish(&mut to_b, " x", "another").await, published(" x", 2));
    assert_eq!(publish(&mut to_a, "x\r\nNats-Msg-Id: y", "a third").await.seq(), Some(3));

    // The broker knows it again after a crash, too.
    broker.kill().await;
    has_status(&b, "/readyz", 503).await;
    broker.start_again().await;
    has_status(&b, "/readyz", 200).await;
    assert_eq!(publish(&mut to_b, "x", "once").await, published("x", 1));
    assert_eq!(publish(&mut to_b, "y", "new").await, published("y", 4));
}

/// Its server has sent the line to the broker, and dies before it can answer.
pub async fn a_line_whose_answer_is_lost_with_its_server_is_kept_once() {
    let broker = Broker::start().await;
    let (mut a, b) = (server(&broker, &[]).await, server(&broker, &[]).await);
    let (mut at_b, _) = reader(&b, Subscribe::default()).await;
    let (mut to_a, mut to_b) = (connect(&a.url).await, connect(&b.url).await);
    broker.signal("STOP");
    say(&mut to_a, &Request::Publish { id: "x".into(), text: "once".into() }).await;
    // So long that it is on its way. Were it not, this test would show less, and not fail.
    sleep(Duration::from_millis(500)).await;
    a.kill().await;
    broker.signal("CONT");
    assert_eq!(publish(&mut to_b, "x", "once").await, published("x", 1));
    assert_eq!(publish(&mut to_b, "y", "twice").await, published("y", 2));
    assert_eq!(next_line(&mut at_b).await, (1, "once".into()));
    assert_eq!(next_line(&mut at_b).await, (2, "twice".into()));
}

pub async fn a_reader_that_is_ahead_of_its_server_waits_for_it() {
    let broker = Broker::start().await;
    let a = server(&broker, &[]).await;
    let (_first, hello) = reader(&a, Subscribe::default()).await;
    // It has read the lines 1 and 2 at a server which is a little faster than this one.
    let (mut ahead, _) = reader(&a, after(&hello, 2)).await;
    let mut writer = connect(&a.url).await;
    for (number, text) in (1..).zip(["one", "two", "three"]) {
        let id = number.to_string();
        assert_eq!(publish(&mut writer, &id, text).await, published(&id, number));
    }
    assert_eq!(next_line(&mut ahead).await, (3, "three".into()));
}

pub async fn a_server_that_starts_late_knows_the_lines_that_were_before() {
    let broker = Broker::start().await;
    let a = server(&broker, &[]).await;
    let mut writer = connect(&a.url).await;
    for number in 1..=30 {
        publish(&mut writer, &number.to_string(), &format!("line {number}")).await;
    }
    let b = server(&broker, &[]).await;
    let (mut late, hello) = reader(&b, Subscribe { tail: Some(30), ..Subscribe::default() }).await;
    assert_eq!(log_of(&hello).1, 1);
    assert_eq!(log_of(&hello).2, 30);
    for number in 1..=30 {
        assert_eq!(next_line(&mut late).await, (number, format!("line {number}")));
    }
}

pub async fn while_the_broker_is_away_readers_stay_and_writers_are_not_acknowledged() {
    let mut broker = Broker::start().await;
    let (a, b) = (server(&broker, &[]).await, server(&broker, &[]).await);
    let (mut at_a, _) = reader(&a, Subscribe::default()).await;
    let (mut at_b, hello) = reader(&b, Subscribe::default()).await;
    let mut writer = connect(&a.url).await;
    assert_eq!(publish(&mut writer, "1", "before").await, published("1", 1));
    assert_eq!(next_line(&mut at_a).await.0, 1);
    assert_eq!(next_line(&mut at_b).await.0, 1);

    broker.kill().await;
    assert!(!next_notice(&mut at_a).await, "a reader is told that no lines come");
    assert!(!next_notice(&mut at_b).await);
    let Answer::Error { id, again, .. } = publish(&mut writer, "2", "meanwhile").await else {
        panic!("nobody keeps it, and it is acknowledged")
    };
    assert_eq!((id.as_deref(), again), (Some("2"), true));
    // Alive, but not for new connections; those who come nevertheless are told at once.
    assert_eq!(status(&a, "/healthz").await, 200);
    assert_eq!(status(&a, "/readyz").await, 503);
    let (mut late, _) = reader(&a, after(&hello, 1)).await;
    assert!(!next_notice(&mut late).await);

    broker.start_again().await;
    let start = Instant::now();
    for reader in [&mut at_a, &mut at_b, &mut late] {
        assert!(next_notice(reader).await, "a reader is told that lines come again");
    }
    let waited = start.elapsed();
    println!("the broker was started again, and lines came after {waited:.0?}");
    assert!(waited < ON_TIME, "{waited:?}");
    has_status(&a, "/readyz", 200).await;
    assert_eq!(publish(&mut writer, "2", "meanwhile").await, published("2", 2));
    for reader in [&mut at_a, &mut at_b, &mut late] {
        assert_eq!(next_line(reader).await, (2, "meanwhile".into()));
    }
}

pub async fn a_stream_that_is_made_anew_ends_subscriptions_with_1012() {
    let mut broker = Broker::start().await;
    let a = server(&broker, &[]).await;
    let (mut old, hello) = reader(&a, Subscribe::default()).await;
    let mut writer = connect(&a.url).await;
    for id in ["1", "2", "3"] {
        publish(&mut writer, id, "in the old stream").await;
    }
    for _ in 1..=3 {
        next_line(&mut old).await;
    }
    broker.kill().await;
    broker.wipe();
    broker.start_again().await;
    let (code, reason) = next_close(&mut old).await;
    assert_eq!((code, &*reason), (1012, "the log has begun anew"));

    // It comes back with its old place, and is told the new log from its beginning.
    has_status(&a, "/readyz", 200).await;
    let (mut back, anew) = reader(&a, after(&hello, 3)).await;
    assert_ne!(log_of(&anew).0, log_of(&hello).0);
    assert_eq!(publish(&mut writer, "4", "in the new one").await, published("4", 1));
    assert_eq!(next_line(&mut back).await, (1, "in the new one".into()));
}

/// The broker runs on, and so nothing at its connection tells.
#[cfg(feature = "maintainer")]
pub async fn a_stream_that_is_made_anew_behind_our_back_is_found_out() {
    let broker = Broker::start().await;
    let a = server(&broker, &[]).await;
    let (mut old, _) = reader(&a, Subscribe::default()).await;
    let jetstream = broker.jetstream().await;
    jetstream.delete_stream("live").await.expect("it is there");
    let (code, _) = next_close(&mut old).await;
    assert_eq!(code, 1012);
    has_status(&a, "/readyz", 200).await;
    let mut writer = connect(&a.url).await;
    assert_eq!(publish(&mut writer, "1", "in the new one").await, published("1", 1));
}

/// Its connection stands, and nothing comes: what a machine that has stopped looks like.
#[cfg(feature = "maintainer")]
pub async fn a_broker_that_hangs_is_noticed_and_its_return_too() {
    let broker = Broker::start().await;
    let a = server(&broker, &[]).await;
    let (mut reader, _) = reader(&a, Subscribe::default()).await;
    let mut writer = connect(&a.url).await;
    broker.signal("STOP");
    assert!(!next_notice(&mut reader).await);
    has_status(&a, "/readyz", 503).await;
    let answer = publish(&mut writer, "1", "a line").await;
    assert!(matches!(answer, Answer::Error { again: true, .. }), "{answer:?}");
    broker.signal("CONT");
    assert!(next_notice(&mut reader).await);
    assert_eq!(publish(&mut writer, "1", "a line").await, published("1", 1));
    assert_eq!(next_line(&mut reader).await, (1, "a line".into()));
}

#[cfg(feature = "maintainer")]
pub async fn a_subscription_that_the_broker_has_lost_is_made_anew() {
    let broker = Broker::start().await;
    let a = server(&broker, &[]).await;
    let (mut reader, _) = reader(&a, Subscribe::default()).await;
    let mut writer = connect(&a.url).await;
    let stream = broker.jetstream().await.get_stream("live").await.expect("it is there");
    let consumer = support::deadline::soon(stream.consumer_names().next()).await;
    let consumer = consumer.expect("the server's").expect("a name");
    stream.delete_consumer(&consumer).await.expect("it is there");
    assert_eq!(publish(&mut writer, "1", "a line").await, published("1", 1));
    loop {
        if let Said::Event(Event::Line { seq, .. }) = next(&mut reader).await {
            assert_eq!(seq, 1);
            break;
        }
    }
}

pub async fn a_line_that_is_deleted_in_the_stream_is_a_gap() {
    let broker = Broker::start().await;
    let a = server(&broker, &[]).await;
    let mut writer = connect(&a.url).await;
    for id in ["1", "2", "3"] {
        publish(&mut writer, id, id).await;
    }
    let stream = broker.jetstream().await.get_stream("live").await.expect("it is there");
    stream.delete_message(2).await.expect("it is there");
    // A server that starts now has never seen it.
    let b = server(&broker, &[]).await;
    let (_, hello) = reader(&a, Subscribe::default()).await;
    let (mut late, _) = reader(&b, after(&hello, 0)).await;
    assert_eq!(next(&mut late).await, Said::Event(Event::Gap { from: 1, to: 2 }));
    assert_eq!(next_line(&mut late).await, (3, "3".into()));
    assert_eq!(publish(&mut writer, "4", "4").await, published("4", 4));
    assert_eq!(next_line(&mut late).await, (4, "4".into()));
}

/// Somebody has set a limit to the stream. What is too long for it today is so tomorrow.
pub async fn a_line_that_the_stream_will_never_take_is_refused_for_good() {
    let broker = Broker::start().await;
    let short = async_nats::jetstream::stream::Config {
        name: "live".into(),
        subjects: vec!["live.lines".into()],
        max_message_size: 500,
        duplicate_window: level7::ID_WINDOW,
        ..Default::default()
    };
    let stream = broker.jetstream().await.create_stream(short).await;
    let mut stream = stream.expect("the broker can keep it");
    let a = server(&broker, &[]).await;
    let mut writer = connect(&a.url).await;
    let error = |id: &str, reason: &str| Answer::Error {
        id: Some(id.into()),
        reason: reason.into(),
        again: false,
    };
    let long = publish(&mut writer, "1", &"x".repeat(1000)).await;
    assert_eq!(long, error("1", "the line is longer than this log takes"));
    assert_eq!(publish(&mut writer, "2", "short").await, published("2", 1));

    let config = stream.info().await.expect("it is there").config.clone();
    let sealed = async_nats::jetstream::stream::Config { sealed: true, ..config };
    broker.jetstream().await.update_stream(sealed).await.expect("it can be sealed");
    let late = publish(&mut writer, "3", "late").await;
    assert_eq!(late, error("3", "the log takes no more lines"));
    // One that is full may be given room.
}

/// The number in an answer.
trait Seq {
    fn seq(&self) -> Option<u64>;
}

impl Seq for Answer {
    fn seq(&self) -> Option<u64> {
        if let Answer::Published { seq, .. } = self { Some(*seq) } else { None }
    }
}
