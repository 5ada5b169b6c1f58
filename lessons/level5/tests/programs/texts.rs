//! Bytes become text, wherever they are cut.

use std::time::Instant;

use level5::{
    decoder::Decoder,
    history::History,
    sse::{Line, Lines},
};
use support::deadline::ON_TIME;

#[test]
fn no_character_is_ever_cut() {
    let text = "Grüße, 世界 👋🏽!\n";
    let bytes = text.as_bytes();
    for first in 0..=bytes.len() {
        for second in first..=bytes.len() {
            let mut decoder = Decoder::default();
            let parts = [&bytes[..first], &bytes[first..second], &bytes[second..]];
            let decoded = parts.map(|part| decoder.decode(part));
            assert_eq!(decoded.concat(), text, "{parts:?}");
            assert_eq!(decoder.finish(), "");
        }
    }
}

#[test]
fn what_is_no_utf8_is_replaced_and_half_a_character_at_the_end_is_shown() {
    let mut decoder = Decoder::default();
    assert_eq!(decoder.decode(b"a\xffb\xe4\xb8"), "a\u{fffd}b");
    assert_eq!(decoder.decode(b"c"), "\u{fffd}c");
    assert_eq!(decoder.decode(b"\xff"), "\u{fffd}", "this can never become a character");
    assert_eq!(decoder.decode(b"\xf0\x9f"), "");
    assert_eq!(decoder.finish(), "\u{fffd}");
    assert_eq!(decoder.finish(), "");
}

/// All that is understood of these bytes.
fn read(lines: &mut Lines, bytes: &[u8]) -> Vec<Line> {
    lines.push(bytes).expect("lines are short");
    std::iter::from_fn(|| lines.next_line().expect("it is understood")).collect()
}

#[test]
fn server_sent_events_may_be_cut_anywhere() {
    let bytes =
        "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\r\n\r\n\
        : a comment\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"世\"}}]}\n\n\
        data:{\"choices\":[{\"delta\":{\"content\":\"界\\n\"},\"index\":0}],\"model\":\"m\"}\n\n\
        data: {\"choices\":[],\"usage\":{\"total_tokens\":7}}\n\n\
        data: [DONE]\n\n"
            .as_bytes();
    let due = [Line::Text("世".into()), Line::Text("界\n".into()), Line::Done];
    for first in 0..=bytes.len() {
        let mut lines = Lines::default();
        let parts = [&bytes[..first], &bytes[first..]];
        let read: Vec<_> = parts.into_iter().flat_map(|part| read(&mut lines, part)).collect();
        assert_eq!(read, due, "cut after {first} bytes");
    }
    let mut lines = Lines::default();
    let read: Vec<_> = bytes.iter().flat_map(|byte| read(&mut lines, &[*byte])).collect();
    assert_eq!(read, due, "byte by byte");
}

#[test]
fn a_line_without_end_is_not_kept_for_ever() {
    let mut lines = Lines::default();
    let pushed = (0..1000).take_while(|_| lines.push(&[b'x'; 1024]).is_ok()).count();
    assert_eq!(pushed, 256);
}

#[test]
fn a_long_line_that_comes_byte_by_byte_is_looked_through_once() {
    let mut lines = Lines::default();
    let start = Instant::now();
    let line = format!(
        "data: {{\"choices\":[{{\"delta\":{{\"content\":\"{}\"}}}}]}}\n",
        "x".repeat(200_000)
    );
    let read: Vec<_> = line.bytes().flat_map(|byte| read(&mut lines, &[byte])).collect();
    assert_eq!(read, [Line::Text("x".repeat(200_000))]);
    assert!(start.elapsed() < ON_TIME, "{:?}", start.elapsed());
}

#[test]
fn a_chunk_without_a_delta_says_nothing() {
    let mut lines = Lines::default();
    let bytes = b"data: {\"choices\":[{\"finish_reason\":\"stop\"}]}\ndata: [DONE]\n";
    assert_eq!(read(&mut lines, bytes), [Line::Done]);
}

#[test]
fn a_model_is_told_of_the_last_questions_and_of_no_more_than_32_kib() {
    let mut history = History::default();
    for i in 0..50 {
        let (said, place) = history.ask(&format!("question {i}"));
        assert_eq!(said.len(), 2 * i.min(20) + 1);
        assert_eq!(said.last().expect("the question").content, format!("question {i}"));
        place.add("half an ");
        place.add("answer");
    }
    let (said, running) = history.ask("one more");
    assert_eq!(said[0].content, "question 30");
    assert_eq!((said[1].role, said[1].content.as_str()), ("assistant", "half an answer"));
    // One that has no answer yet is not told.
    let (said, _place) = history.ask("and another");
    assert!(said.iter().all(|said| said.content != "one more"));

    running.add(&"x".repeat(40_000));
    let (said, _place) = history.ask("what do you remember?");
    assert_eq!(said.len(), 1, "an answer that is too long is forgotten, and what was before it");
}
