//! ELIZA, asked by somebody who wants to keep it busy. It thinks on the thread that serves all.

use std::time::{Duration, Instant};

use level5::{answerer::Answerer, eliza::Eliza, events::MAX_TEXT};

#[test]
fn no_question_keeps_it_busy_for_long() {
    for part in [".", "x ", "x.", "i am ", "i am.", "A", "因", "因。", "我是 "] {
        let question = part.repeat(MAX_TEXT / part.len());
        let mut eliza = Eliza::default();
        // The quickest of three, since others work here, too. On an idle machine it is 0.03 s.
        let tries = (0..3).map(|_| {
            let start = Instant::now();
            drop(eliza.answer(&question));
            start.elapsed()
        });
        let quickest = tries.min().expect("there are three");
        assert!(quickest < Duration::from_millis(250), "{part:?} again and again: {quickest:?}");
    }
}
