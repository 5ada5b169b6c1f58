//! What the server puts on the wire, to the millisecond, in virtual time; the book shows some.

mod away;
#[path = "../support/fake.rs"]
mod fake;
mod silence;

use std::{future::pending, net::Ipv4Addr, sync::Arc, time::Duration};

use futures_util::SinkExt;
use level6::Log;
use level7::{
    Allowance, Keep, Live, MAX_ID, MAX_TEXT, MAX_UNANSWERED, Memory, Origins, Role, Session,
    Settings, Token, Tokens,
};
use support::{
    assert_snapshot,
    client::{connect, next_chunk, next_close},
    connection::{Served, shake_hands},
    deadline::soon,
    transcript::{Action::*, Recording, record},
};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::Ending;

const READER: &str = "the-token-of-readers";
const WRITER: &str = "the-token-of-writers";
const LOG_IN_TO_READ: &str = r#"{"type":"login","token":"the-token-of-readers"}"#;
const LOG_IN_TO_WRITE: &str = r#"{"type":"login","token":"the-token-of-writers"}"#;
const SUBSCRIBE: &str = r#"{"type":"subscribe","log":"a","after":0}"#;
const PUBLISH: &str = r#"{"type":"publish","id":"w-1","text":"a line"}"#;

fn settings() -> Settings {
    let address = "127.0.0.1:8765".parse().expect("an address");
    let token = |text| Some(Token::checked(text).expect("a token"));
    let tokens = Tokens { reader: token(READER), writer: token(WRITER) };
    Settings { tokens, ..Settings::new(Origins::own(address, false)) }
}

fn live() -> Arc<Live<Memory>> {
    Live::new(Memory::new(Log::new("a")), settings())
}

/// A client whose handshake has said that it is this.
fn session<K: Keep>(live: &Arc<Live<K>>, role: impl Into<Option<Role>>) -> Session<K> {
    let (address, allowance) = (Ipv4Addr::LOCALHOST.into(), Allowance::default());
    Session { live: live.clone(), address, role: role.into(), allowance }
}

/// The close at the end: its code and reason.
fn close_of(recording: &Recording) -> String {
    let close = recording.transcript.lines().find_map(|line| line.split_once("server  close "));
    close.map_or(&*recording.transcript, |it| it.1).to_string()
}

#[tokio::test(start_paused = true)]
async fn a_browser_logs_in_with_its_first_message_and_then_reads_and_writes() {
    let script = [
        (10, Text(LOG_IN_TO_WRITE)),
        (20, Text(SUBSCRIBE)),
        (1000, Text(PUBLISH)),
        (2000, Text(r#"{"type":"publish","id":"w-2","text":"another"}"#)),
        (3000, Close),
    ];
    let recording = record(session(&live(), None), &script).await;
    assert_snapshot("level7_login_transcript", &recording.transcript);
    assert!(matches!(recording.ending, Ending::Complete), "{:?}", recording.ending);
}

#[tokio::test(start_paused = true)]
async fn without_a_login_within_five_seconds_it_is_closed_with_4401() {
    let recording = record(session(&live(), None), &[(4000, Ping("here I am"))]).await;
    assert_snapshot("level7_no_login_transcript", &recording.transcript);
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_before_the_login_or_with_a_wrong_token_is_closed_with_4401() {
    for (said, reason) in [
        (SUBSCRIBE, "log in first"),
        (PUBLISH, "log in first"),
        (r#"{"type":"login","token":""}"#, "this token is none of this server's"),
        (
            r#"{"type":"login","token":"the-token-of-reader"}"#,
            "this token is none of this server's",
        ),
        (
            r#"{"type":"login","token":"the-token-of-readerz"}"#,
            "this token is none of this server's",
        ),
    ] {
        let recording = record(session(&live(), None), &[(100, Text(said))]).await;
        assert_eq!(close_of(&recording), format!("4401 {reason:?}"), "{said}");
    }
}

/// Were it quoted, a token in the wrong place would be sent back, and might be logged.
#[tokio::test(start_paused = true)]
async fn what_is_not_understood_is_not_quoted() {
    for said in [
        r#"{"type":"the-token-of-readers"}"#,
        r#"{"type":"login","token":["the-token-of-readers"]}"#,
        r#"{"type":"subscribe","after":"the-token-of-readers"}"#,
        "the-token-of-readers",
        "",
    ] {
        let recording = record(session(&live(), Role::Writer), &[(0, Text(said))]).await;
        let due = r#"1008 "not a login, a subscription or a publication""#;
        assert_eq!(close_of(&recording), due, "{said}");
        let ending = format!("{:?}", recording.ending);
        assert!(!ending.contains("the-token"), "{ending}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_line_that_is_published_twice_is_kept_once_whoever_says_it() {
    let live = live();
    let script = [
        (0, Text(SUBSCRIBE)),
        (100, Text(PUBLISH)),
        (200, Text(PUBLISH)),
        (300, Text(r#"{"type":"publish","id":"w-1","text":"other words"}"#)),
        (400, Close),
    ];
    let recording = record(session(&live, Role::Writer), &script).await;
    assert_snapshot("level7_publish_twice_transcript", &recording.transcript);
    // The connection was lost before the answer came: on the next one it comes again.
    let again = record(session(&live, Role::Writer), &[(0, Text(PUBLISH)), (1, Close)]).await;
    assert!(
        again.transcript.contains(r#"{"type":"published","id":"w-1","seq":1}"#),
        "{}",
        again.transcript
    );
    assert_eq!(live.keep.state().borrow().log.last(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_publishes_is_told_and_goes_on_reading() {
    let live = live();
    let writing = live.clone();
    tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        writing.keep.append("other", "a line of somebody else").await.expect("it is kept");
    });
    let script =
        [(0, Text(LOG_IN_TO_READ)), (0, Text(SUBSCRIBE)), (100, Text(PUBLISH)), (900, Close)];
    let recording = record(session(&live, None), &script).await;
    assert_snapshot("level7_reader_publishes_transcript", &recording.transcript);
}

#[tokio::test(start_paused = true)]
async fn what_is_too_long_to_be_kept_is_refused_and_the_connection_stays() {
    let live = live();
    let publish =
        |id: &str, text: &str| format!(r#"{{"type":"publish","id":"{id}","text":"{text}"}}"#);
    let (id, text) = ("i".repeat(MAX_ID), "t".repeat(MAX_TEXT));
    let said = [
        publish("", "x"),
        publish(&(id.clone() + "i"), "x"),
        publish("long", &(text.clone() + "t")),
        publish(&id, &text),
    ];
    let script: Vec<_> = said.iter().map(|it| (0, Text(it))).chain([(1, Close)]).collect();
    let recording = record(session(&live, Role::Writer), &script).await;
    let answers: Vec<_> = recording
        .transcript
        .lines()
        .filter_map(|line| line.split_once("server  "))
        .map(|it| it.1.replace(&id, "IDID"))
        .collect();
    assert_eq!(
        answers[..4],
        [
            r#"{"type":"error","reason":"an id has 1 to 64 bytes"}"#,
            r#"{"type":"error","reason":"an id has 1 to 64 bytes"}"#,
            r#"{"type":"error","id":"long","reason":"a line has at most 8192 bytes"}"#,
            r#"{"type":"published","id":"IDID","seq":1}"#,
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn more_than_a_hundred_messages_a_second_are_a_flood() {
    let steady: Vec<_> = (0..1000).map(|i| (i * 10, Ping(""))).chain([(10_000, Close)]).collect();
    let recording = record(session(&live(), Role::Reader), &steady).await;
    assert!(matches!(recording.ending, Ending::Complete), "{:?}", recording.ending);

    let live = live();
    let burst: Vec<_> = (0..101).map(|_| (0, Ping(""))).collect();
    let recording = record(session(&live, Role::Reader), &burst).await;
    assert_eq!(close_of(&recording), r#"1008 "more than 100 messages a second""#);
    let counted = live.metrics.closed_flood.load(std::sync::atomic::Ordering::Relaxed);
    assert_eq!(counted, 1);
}

/// A pong that nobody asked for costs as much as any message.
#[tokio::test(start_paused = true)]
async fn pongs_are_a_flood_as_well() {
    let Served { stream, ended, stop: _stop } = Served::by(session(&live(), Role::Reader));
    let mut client = shake_hands(stream).await;
    for _ in 0..101 {
        client.send(Message::Pong("".into())).await.expect("the server reads");
    }
    let (code, reason) = next_close(&mut client).await;
    assert_eq!((code, &*reason), (1008, "more than 100 messages a second"));
    drop(client);
    assert!(matches!(ended.await.expect("no panic").0, Ending::Failed(_)));
}

#[tokio::test(start_paused = true)]
async fn a_second_subscription_and_binary_messages_end_the_connection() {
    let twice = [(0, Text(SUBSCRIBE)), (0, Text(SUBSCRIBE))];
    let recording = record(session(&live(), Role::Reader), &twice).await;
    assert_eq!(close_of(&recording), r#"1008 "you are subscribed already""#);
    let recording = record(session(&live(), Role::Reader), &[(0, Binary(b"x"))]).await;
    assert_eq!(close_of(&recording), r#"1003 "only text is understood""#);
}

#[tokio::test(start_paused = true)]
async fn with_a_token_for_writers_alone_everybody_may_read() {
    let tokens = Tokens { reader: None, ..settings().tokens };
    let live = Live::new(Memory::new(Log::new("a")), Settings { tokens, ..settings() });
    let role = live.settings.tokens.of_a_stranger();
    assert_eq!(role, Some(Role::Reader));
    // And whoever has the token may log in later.
    let script = [
        (0, Text(SUBSCRIBE)),
        (1, Text(PUBLISH)),
        (2, Text(LOG_IN_TO_WRITE)),
        (3, Text(PUBLISH)),
        (4, Close),
    ];
    let recording = record(session(&live, role), &script).await;
    assert_snapshot("level7_public_transcript", &recording.transcript);
}

/// With an answer that stands out for ever, nobody could make this server hoard lines.
#[tokio::test(start_paused = true)]
async fn a_client_has_a_bound_for_lines_without_an_answer() {
    let (fake, strings) = fake::Fake::new(Log::new("a"));
    strings.mood.send_replace(fake::Mood::Stalls);
    let live = Live::new(fake, settings());
    let said: Vec<_> = (0..=MAX_UNANSWERED)
        .map(|it| format!(r#"{{"type":"publish","id":"{it}","text":"x"}}"#))
        .collect();
    let script: Vec<_> = said.iter().map(|it| (0, Text(it))).chain([(1, Close)]).collect();
    let recording = record(session(&live, Role::Writer), &script).await;
    let answers = recording.transcript.matches(r#""again":true"#).count();
    assert_eq!(answers, 1, "{}", recording.transcript);
}

/// Over real TCP: whoever owns the server may drop it.
#[tokio::test]
async fn a_server_that_is_dropped_says_goodbye_to_those_who_are_there() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let url = format!("ws://{}", listener.local_addr().expect("it is bound"));
    let settings = Settings { goodbye: Duration::from_millis(100), ..settings() };
    let live = Live::new(Memory::new(Log::new("a")), settings);
    let serving = tokio::spawn(live.serve(listener, pending()));
    let mut client = connect(&url).await;
    client.send(Message::text(LOG_IN_TO_READ)).await.expect("the server reads");
    client.send(Message::text(SUBSCRIBE)).await.expect("the server reads");
    assert!(next_chunk(&mut client).await.contains("hello"));
    serving.abort();
    assert_eq!(soon(next_close(&mut client)).await.0, 1001);
}
