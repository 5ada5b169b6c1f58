//! What every handler puts on the wire, to the millisecond: the transcripts that the book shows.

#[path = "../lessons/level2/bidirectional_server.rs"]
#[expect(dead_code, reason = "its main is not called here")]
mod bidirectional_server;
#[path = "../lessons/level2/duplex_server.rs"]
#[expect(dead_code, reason = "its main is not called here")]
mod duplex_server;
#[path = "../lessons/level2/stream_server.rs"]
#[expect(dead_code, reason = "its main is not called here")]
mod stream_server;
#[path = "../lessons/level4/translate_server.rs"]
#[expect(dead_code, reason = "its main is not called here")]
mod translate_server;

use std::time::Duration;

use bidirectional_server::converse;
use duplex_server::tick_and_reply;
use futures_util::{SinkExt, StreamExt};
use stream_server::recite;
use support::{
    assert_snapshot,
    connection::{Served, shake_hands},
    course::read,
    deadline::soon,
    process::Server,
    snapshot::difference,
    transcript::{Action::*, describe, record},
};
use tokio::time::Instant;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{self, Message, protocol::frame::coding::CloseCode},
};
use translate_server::translate;
use websocket_streaming::{CloseWith, Ending};

const SENTENCE: &str = "Hello world this is a test";

/// Level 1 hides nothing, so its handler takes a TCP stream and cannot be played in memory: here it
/// runs as a process, and its transcript has no times.
#[tokio::test]
async fn level1_echoes_and_says_goodbye() {
    let server = Server::start("level1_echo_server").await;
    let conversation = async {
        let (mut socket, _response) = connect_async(&server.url).await?;
        let mut seen = String::new();
        let hello = Message::text("Hello WebSocket!");
        seen += &format!("client  {}\n", describe(&hello));
        socket.send(hello).await?;
        seen += &format!("server  {}\n", describe(&socket.next().await.expect("an echo")?));
        seen += &format!("client  {}\n", describe(&Message::Close(None)));
        socket.close(None).await?;
        while let Some(message) = socket.next().await {
            seen += &format!("server  {}\n", describe(&message?));
        }
        Ok::<_, tungstenite::Error>(seen)
    };
    let seen = soon(conversation).await.expect("no error");
    assert_snapshot("level1_echo_transcript", &seen);
}

#[tokio::test(start_paused = true)]
async fn a_conversation_outlives_one_message() {
    let script =
        [(0, Text("Message 1")), (100, Text("Message 2")), (200, Text("Message 3")), (300, Close)];
    let recording = record(converse, &script).await;
    assert_snapshot("level2_bidirectional_transcript", &recording.transcript);
}

#[tokio::test(start_paused = true)]
async fn the_poem_comes_line_by_line_and_the_close_ends_it() {
    let recording = record(recite, &[]).await;
    assert_snapshot("level2_stream_transcript", &recording.transcript);
    assert!(matches!(recording.ending, Ending::Complete), "{:?}", recording.ending);
}

#[tokio::test(start_paused = true)]
async fn the_server_ticks_unasked_while_it_replies() {
    let script = [
        (500, Text("Message 1")),
        (1500, Text("Message 2")),
        (2500, Text("Message 3")),
        (3500, Close),
    ];
    let recording = record(tick_and_reply, &script).await;
    assert_snapshot("level2_duplex_transcript", &recording.transcript);
}

#[tokio::test(start_paused = true)]
async fn the_translation_comes_word_by_word_and_an_empty_message_ends_it() {
    let recording = record(translate, &[(0, Text(SENTENCE)), (3500, Close)]).await;
    assert_snapshot("level4_translate_transcript", &recording.transcript);
}

#[tokio::test(start_paused = true)]
async fn a_sentence_that_comes_meanwhile_is_translated_next() {
    let script = [(0, Text("Hello world")), (250, Text("This is")), (2500, Close)];
    let recording = record(translate, &script).await;
    assert_snapshot("level4_two_sentences_transcript", &recording.transcript);
}

#[tokio::test(start_paused = true)]
async fn pings_are_answered_while_a_translation_streams() {
    let script = [(0, Text("Hello world")), (700, Ping("alive?")), (1500, Close)];
    let recording = record(translate, &script).await;
    assert_snapshot("level4_ping_transcript", &recording.transcript);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_stops_its_translation_within_one_chunk() {
    for leave in [Close, Vanish] {
        let recording = record(translate, &[(0, Text(SENTENCE)), (700, leave)]).await;
        let chunks = recording.transcript.matches("server  \"").count();
        assert_eq!(chunks, 1, "{}", recording.transcript);
        assert!(recording.ended_after < Duration::from_millis(1200), "{leave:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_nothing_is_given_up_when_the_buffers_are_full() {
    // With its header, each word is 4 KiB on the wire: 16 fit into the pipe's 64.
    let words = "x".repeat(4 * 1024 - 5) + " ";
    let served = Served::by(translate);
    let mut socket = shake_hands(served.stream).await;
    let start = Instant::now();
    socket.send(Message::text(words.repeat(20))).await.expect("the server reads");

    let (ending, ended) = soon(served.ended).await.expect("no panic");
    // 17 words, the deadline of 30 s, and 3 s for a goodbye that nobody reads.
    assert_eq!(ended - start, Duration::from_millis(17 * 500 + 30_000 + 3_000));
    let Ending::Failed(error) = ending else { panic!("{ending:?}") };
    let close: &CloseWith = error.downcast_ref().expect("a close code");
    assert_eq!(close.code, CloseCode::Again);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_stops_the_poem_within_one_chunk() {
    for leave in [Close, Vanish] {
        let recording = record(recite, &[(1500, leave)]).await;
        let chunks = recording.transcript.matches("server  \"").count();
        assert_eq!(chunks, 2, "{}", recording.transcript);
        assert!(recording.ended_after < Duration::from_millis(2500), "{leave:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_tells_its_client_so() {
    let recording = record(translate, &[(0, Text(SENTENCE)), (1200, StopServer)]).await;
    assert_snapshot("level4_shutdown_transcript", &recording.transcript);
    assert!(matches!(recording.ending, Ending::Stopped), "{:?}", recording.ending);
}

#[tokio::test(start_paused = true)]
async fn empty_and_blank_sentences_are_answered_with_the_end_marker_alone() {
    let script = [(0, Text("")), (10, Text(" \t\n ")), (20, Close)];
    let recording = record(translate, &script).await;
    assert_snapshot("level4_empty_sentences_transcript", &recording.transcript);
}

#[tokio::test(start_paused = true)]
async fn case_and_punctuation_do_not_matter_and_unknown_words_pass_unchanged() {
    let sentences = [
        "\"Hello, WORLD!\"",
        "This is a (test)...",
        "I don’t know",
        "Tungstenite",
        "👋 🌍! ¿hello?",
        "مرحبا world שלום",
        "— ... 'hello'",
    ];
    let mut seen = String::new();
    for sentence in sentences {
        let recording = record(translate, &[(0, Text(sentence)), (60_000, Close)]).await;
        seen += &recording.transcript;
        seen += "\n";
    }
    assert_snapshot("level4_words_transcript", &seen);
}

#[cfg_attr(not(feature = "maintainer"), ignore = "if it fails, it prints 60 KB")]
#[tokio::test(start_paused = true)]
async fn ten_thousand_words_are_translated_one_by_one() {
    let sentence = "world ".repeat(10_000);
    let script = [(0, Text(sentence.as_str())), (4_000_000, Ping("alive?")), (5_100_000, Close)];
    let recording = record(translate, &script).await;
    let chunks = recording.transcript.lines().filter(|line| line.ends_with("server  \"世界 \""));
    // One at a time: 10,000 lines would bury what the other tests say.
    for (i, chunk) in (1..).zip(chunks.clone()) {
        assert_eq!(chunk, format!("{:>6} ms  server  \"世界 \"", 500 * i));
    }
    assert_eq!(chunks.count(), 10_000);
    assert!(recording.transcript.contains("4000000 ms  server  pong \"alive?\""));
    assert!(recording.transcript.contains("5000000 ms  server  \"\"\n"));
}

#[tokio::test(start_paused = true)]
async fn the_rest_of_a_long_sentence_is_forgotten_when_the_client_leaves() {
    let sentence = "Hello world ".repeat(10);
    let script = [(0, Text(sentence.as_str())), (700, Ping("alive?")), (1200, Close)];
    let recording = record(translate, &script).await;
    let said: Vec<_> =
        recording.transcript.lines().filter(|it| it.contains("  server  ")).collect();
    let due = [
        "   500 ms  server  \"你好 \"",
        "   700 ms  server  pong \"alive?\"",
        "  1000 ms  server  \"世界 \"",
        "  1200 ms  server  close 1000",
    ];
    assert_eq!(said, due);
    assert_eq!(recording.ended_after, Duration::from_millis(1200));
}

#[tokio::test(start_paused = true)]
async fn sentences_of_any_script_or_none_end_with_the_end_marker() {
    for text in ["", " \t\r\n", "👋🏽 🌍", "مرحبا שלום"] {
        let recording = record(translate, &[(0, Text(text)), (10_000, Close)]).await;
        let words = text.split_whitespace().map(|word| format!("server  {:?}", format!("{word} ")));
        let due = words.chain(["server  \"\"".into(), "server  close 1000".into()]);
        assert!(server_said(&recording.transcript).eq(due), "{}", recording.transcript);
    }
}

#[tokio::test(start_paused = true)]
async fn more_sentences_than_may_wait_are_all_translated_in_order() {
    // Words take time, and so let the sentences behind them pile up.
    let sentences: Vec<String> =
        (0..40).map(|i| if i % 13 == 0 { format!("word{i}") } else { String::new() }).collect();
    let texts = sentences.iter().map(|sentence| (0, Text(sentence)));
    let script: Vec<_> = texts.chain([(10_000, Close)]).collect();
    let recording = record(translate, &script).await;
    let answers = sentences.iter().flat_map(|sentence| {
        let word = (!sentence.is_empty()).then(|| format!("server  {:?}", format!("{sentence} ")));
        word.into_iter().chain(["server  \"\"".into()])
    });
    let due = answers.chain(["server  close 1000".into()]);
    assert!(server_said(&recording.transcript).eq(due), "{}", recording.transcript);
    assert!(matches!(recording.ending, Ending::Complete), "{:?}", recording.ending);
}

/// The server's lines of a transcript, without their times.
fn server_said(transcript: &str) -> impl Iterator<Item = &str> {
    transcript
        .lines()
        .filter_map(|line| line.split_once(" ms  "))
        .map(|(_ms, said)| said)
        .filter(|said| said.starts_with("server"))
}

#[tokio::test(start_paused = true)]
async fn a_binary_message_is_refused_with_1003_by_every_handler() {
    let script = [(100, Binary(&[1, 2, 3]))];
    let mut seen = String::new();
    for (name, recording) in [
        ("converse", record(converse, &script).await),
        ("recite", record(recite, &script).await),
        ("tick_and_reply", record(tick_and_reply, &script).await),
        ("translate", record(translate, &script).await),
    ] {
        seen += &format!("{name}\n{}\n", recording.transcript);
    }
    assert_snapshot("binary_is_refused_transcript", &seen);
}

#[test]
fn what_differs_is_shown_beside_what_is_pinned_without_advice_to_accept_it() {
    let echo =
        "client  \"Hello WebSocket!\"\nserver  \"Good day!\"\nclient  close\nserver  close\n";
    let due = "\
not as expected in tests/snapshots/level1_echo_transcript.snap:

--- tests/snapshots/level1_echo_transcript.snap
+++ what came now
@@ -1,4 +1,4 @@
 client  \"Hello WebSocket!\"
-server  \"Echo: Hello WebSocket!\"
+server  \"Good day!\"
 client  close
 server  close

If you have changed a lesson on purpose, this is the difference that it makes.";
    assert_eq!(difference("level1_echo_transcript", echo), due);
    // insta would say how, so it never sees what differs; and cargo tells it to be silent.
    let environment = read(".cargo/config.toml");
    assert!(environment.contains("\nINSTA_OUTPUT = \"none\""), "{environment}");
    assert!(environment.contains("\nINSTA_UPDATE = \"no\""), "{environment}");
}
