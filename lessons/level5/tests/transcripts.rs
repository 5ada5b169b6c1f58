//! What the assistant puts on the wire, to the millisecond: the transcripts that the book shows.

use level5::{assistant::Assistant, eliza::Eliza};
use support::{
    assert_snapshot,
    transcript::{Action::*, record},
};

const TIRED: &str = r#"{"type":"ask","id":"q1","text":"I am tired of polling"}"#;
const CANCEL: &str = r#"{"type":"cancel","id":"q1"}"#;

fn eliza() -> Assistant {
    Assistant::new(Eliza::default)
}

#[tokio::test(start_paused = true)]
async fn an_answer_comes_word_by_word_and_has_one_end() {
    let recording = record(eliza(), &[(0, Text(TIRED)), (1000, Close)]).await;
    assert_snapshot("level5_answer_transcript", &recording.transcript);
}

#[tokio::test(start_paused = true)]
async fn a_cancel_stops_the_answer_at_once() {
    let script = [(0, Text(TIRED)), (170, Text(CANCEL)), (1000, Close)];
    let recording = record(eliza(), &script).await;
    assert_snapshot("level5_cancel_transcript", &recording.transcript);
}

#[tokio::test(start_paused = true)]
async fn two_answers_share_the_connection() {
    let second = r#"{"type":"ask","id":"q2","text":"我很累"}"#;
    let script = [(0, Text(TIRED)), (60, Text(second)), (1000, Close)];
    let recording = record(eliza(), &script).await;
    assert_snapshot("level5_two_answers_transcript", &recording.transcript);
}
