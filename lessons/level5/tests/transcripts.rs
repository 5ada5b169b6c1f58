//! What the assistant puts on the wire, to the millisecond: the transcripts that the book shows.

use futures_util::{StreamExt, stream};
use level5::{answerer::Words, assistant::Assistant, eliza::Eliza};
use support::{
    assert_snapshot,
    transcript::{Action::*, record},
};
use websocket_streaming::Ending;

const TIRED: &str = r#"{"type":"ask","id":"q1","text":"I am tired of polling"}"#;
const CHINESE: &str = r#"{"type":"ask","id":"q2","text":"我很累"}"#;
const CANCEL: &str = r#"{"type":"cancel","id":"q1"}"#;

fn eliza() -> Assistant {
    Assistant::new(Eliza::default)
}

#[tokio::test(start_paused = true)]
async fn an_answer_comes_word_by_word_and_has_one_end() {
    let recording = record(eliza(), &[(0, Text(TIRED)), (1000, Close)]).await;
    assert_snapshot("level5_answer_transcript", &recording.transcript);
    assert!(matches!(recording.ending, Ending::Complete), "{:?}", recording.ending);
}

#[tokio::test(start_paused = true)]
async fn a_cancel_stops_the_answer_at_once() {
    let script = [(0, Text(TIRED)), (170, Text(CANCEL)), (1000, Close)];
    let recording = record(eliza(), &script).await;
    assert_snapshot("level5_cancel_transcript", &recording.transcript);
}

#[tokio::test(start_paused = true)]
async fn two_answers_share_the_connection() {
    let script = [(0, Text(TIRED)), (60, Text(CHINESE)), (1000, Close)];
    let recording = record(eliza(), &script).await;
    assert_snapshot("level5_two_answers_transcript", &recording.transcript);
}

#[tokio::test(start_paused = true)]
async fn a_cancel_before_after_twice_or_of_nothing_is_ignored() {
    let ask = r#"{"type":"ask","id":"q1","text":"hi"}"#;
    let script = [
        (0, Text(CANCEL)),
        (10, Text(ask)),
        (100, Text(CANCEL)),
        (110, Text(CANCEL)),
        (120, Text(r#"{"type":"cancel","id":"never asked"}"#)),
        (200, Text(ask)),
        (700, Text(CANCEL)),
        (800, Close),
    ];
    let recording = record(eliza(), &script).await;
    assert_snapshot("level5_useless_cancels_transcript", &recording.transcript);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_understood_is_answered_and_the_connection_stays() {
    let long_id = format!(r#"{{"type":"ask","id":"{}","text":""}}"#, "i".repeat(65));
    let long_text = format!(r#"{{"type":"ask","id":"long","text":"{}"}}"#, "x".repeat(8193));
    let deep = "[".repeat(100_000);
    let nested = format!(r#"{{"type":"ask","id":"n","text":"hi","more":{}"#, "[".repeat(100_000));
    let megabyte = format!(r#"{{"type":"ask","id":"big","text":"{}"}}"#, "x".repeat(1024 * 1000));
    let requests = [
        "",
        "hello",
        "null",
        "[]",
        "{}",
        r#"{"type":"ask","text":"without an id"}"#,
        r#"{"type":"ask","id":"a","text":null}"#,
        r#"{"type":"ask","id":17,"text":"a number"}"#,
        r#"{"type":"dance","id":"b"}"#,
        r#"{"type":"ask","type":"ask","id":"c","text":"twice"}"#,
        r#"{"type":"ask","id":"d","id":"e","text":"twice"}"#,
        r#"{"type":"ask","id":"f","text":"half a character: \ud800"}"#,
        "{\"type\":\"ask\",\"id\":\"g\",\"text\":\"a raw NUL: \0\"}",
        r#"{"type":"ask","id":"h","text":"hi"} and more"#,
        &long_id,
        &long_text,
        &deep,
        &nested,
        &megabyte,
    ];
    let mut seen = String::new();
    for request in requests {
        let recording = record(eliza(), &[(0, Text(request)), (500, Close)]).await;
        let lines = recording.transcript.lines().map(|line| {
            let short: String = line.chars().take(110).collect();
            if short.len() < line.len() && line.contains("client") {
                short + "…"
            } else {
                line.into()
            }
        });
        seen += &lines.map(|line| line + "\n").collect::<String>();
        seen += "\n";
    }
    assert_snapshot("level5_not_understood_transcript", &seen);
}

#[tokio::test(start_paused = true)]
async fn unusual_requests_are_understood() {
    let requests = [
        r#"{ "text" : "hi", "id" : "", "type" : "ask" }"#,
        r#"{"type":"ask","id":"q1","text":"hi","temperature":0.5,"tools":[{"id":"x"}]}"#,
        r#"{"type":"ask","id":"\u0000\u001b[2J","text":"a NUL: \u0000"}"#,
        r#"{"type":"ask","id":"q2","text":""}"#,
    ];
    let mut seen = String::new();
    for request in requests {
        let recording = record(eliza(), &[(0, Text(request)), (1000, Close)]).await;
        seen += &recording.transcript;
        seen += "\n";
    }
    assert_snapshot("level5_unusual_requests_transcript", &seen);
}

#[tokio::test(start_paused = true)]
async fn an_id_that_is_in_use_and_a_ninth_answer_are_refused() {
    let asks: Vec<_> =
        (1..=9).map(|i| format!(r#"{{"type":"ask","id":"q{i}","text":"hi"}}"#)).collect();
    let mut script = vec![(0, Text(asks[0].as_str())), (10, Text(asks[0].as_str()))];
    script.extend(asks[1..].iter().map(|ask| (20, Text(ask.as_str()))));
    // One is stopped, and there is room for another.
    script.extend([(30, Text(CANCEL)), (40, Text(&asks[8])), (500, Close)]);
    let recording = record(eliza(), &script).await;
    assert_snapshot("level5_refused_transcript", &recording.transcript);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_says_so_in_the_middle_of_an_answer() {
    let recording = record(eliza(), &[(0, Text(TIRED)), (170, StopServer)]).await;
    assert_snapshot("level5_shutdown_transcript", &recording.transcript);
    assert!(matches!(recording.ending, Ending::Stopped), "{:?}", recording.ending);
}

#[tokio::test(start_paused = true)]
async fn a_binary_message_is_refused_with_1003() {
    let script = [(0, Text(TIRED)), (100, Binary(&[1, 2, 3]))];
    let recording = record(eliza(), &script).await;
    assert_snapshot("level5_binary_transcript", &recording.transcript);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_fails_keeps_what_has_come_and_says_why() {
    let fails = |_question: &str| -> Words {
        stream::iter([Ok("All ".to_string()), Err(anyhow::anyhow!("it broke"))]).boxed()
    };
    let script = [(0, Text(TIRED)), (10, Close)];
    let recording = record(Assistant::new(move || fails), &script).await;
    assert_snapshot("level5_failed_transcript", &recording.transcript);
}

#[tokio::test(start_paused = true)]
async fn eliza_remembers_and_answers_in_two_languages() {
    let mut seen = String::new();
    for questions in [
        &[
            "Hello",
            "My server is slow.",
            "I am tired of polling, and of you",
            "I think you like me",
            "Well",
            "Do you remember my name?",
            "I'm sad because I dreamed of sockets",
            "I can’t sleep",
            "I don't know",
            "Perhaps",
            "hmm",
            "?!",
            "Goodbye",
        ][..],
        &[
            "你好",
            "我的服务器很慢",
            "我觉得你很聪明",
            "嗯",
            "我很累。你呢？",
            "因为轮询",
            "我想用Rust写代码",
            "好吧",
            "再见",
        ],
    ] {
        let asks: Vec<_> = questions
            .iter()
            .enumerate()
            .map(|(i, question)| format!(r#"{{"type":"ask","id":"q{i}","text":"{question}"}}"#))
            .collect();
        // One after the other.
        let asks = asks.iter().enumerate().map(|(i, ask)| (2000 * i as u64, Text(ask.as_str())));
        let script: Vec<_> = asks.chain([(60_000, Close)]).collect();
        let recording = record(eliza(), &script).await;
        let mut answer = String::new();
        for line in recording.transcript.lines() {
            let event = line.split_once("  server  ").map(|it| it.1);
            match event.map(serde_json::from_str::<serde_json::Value>) {
                Some(Ok(event)) if event["type"] == "delta" => {
                    answer += event["text"].as_str().expect("a text");
                }
                Some(Ok(event)) if event["status"] == "completed" => {
                    let id = event["id"].as_str().expect("an id");
                    let i: usize = id[1..].parse().expect("a number");
                    seen += &format!("you    {}\nELIZA  {answer}\n", questions[i]);
                    answer.clear();
                }
                Some(Ok(event)) => panic!("{event}"),
                _ => {}
            }
        }
        seen += "\n";
    }
    assert_snapshot("level5_eliza", &seen);
}
