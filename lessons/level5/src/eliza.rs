//! ELIZA, the first program that people talked to as if it understood (Joseph Weizenbaum, 1966).
//!
//! It knows nothing. It looks for a keyword, turns "I" and "you" around in what follows, and puts
//! that into a sentence that it has ready. The rules here are our own, in `eliza/english.txt` and
//! `eliza/chinese.txt`.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use futures_util::{StreamExt, stream};
use tokio::time::sleep;

use crate::{
    answerer::{Answerer, Words},
    script::{CHINESE, ENGLISH, Script},
    tokens::is_chinese,
};

/// How long ELIZA thinks before each word: 50 ms.
pub const PER_WORD: Duration = Duration::from_millis(50);

/// How many things that the client has said may be remembered.
const MAX_MEMORY: usize = 8;

/// One conversation with ELIZA: what it has said already, and what it keeps for later.
#[derive(Default)]
pub struct Eliza {
    /// How often each sentence of a rule has been used, so that the next one has its turn.
    used: HashMap<&'static str, usize>,
    memory: VecDeque<String>,
}

impl Answerer for Eliza {
    // ANCHOR: answer
    fn answer(&mut self, question: &str) -> Words {
        let script: &Script = if is_chinese(question) { &CHINESE } else { &ENGLISH };
        let words = script.words(&self.reply(script, question));
        let slowly = stream::iter(words).then(async |word| {
            sleep(PER_WORD).await;
            Ok(word)
        });
        slowly.boxed()
    }
    // ANCHOR_END: answer
}

impl Eliza {
    // ANCHOR: reply
    /// The whole answer, at once.
    fn reply(&mut self, script: &'static Script, question: &str) -> String {
        if let Some((rule, captures)) = script.find(question) {
            if let Some(later) = &rule.remember {
                self.memory.push_back(script.fill(later, &captures));
                self.memory.truncate(MAX_MEMORY);
            }
            return script.fill(self.next_of(rule.pattern, &rule.answers), &captures);
        }
        // Nothing that it knows: back to something that was said before.
        match self.memory.pop_front() {
            Some(earlier) => earlier,
            None => script.fill(self.next_of(script.name, &script.otherwise), &[]),
        }
    }
    // ANCHOR_END: reply

    /// The answers of a rule, one after the other and then from the first again.
    fn next_of(&mut self, rule: &'static str, answers: &[&'static str]) -> &'static str {
        let used = self.used.entry(rule).or_default();
        let answer = answers[*used % answers.len()];
        *used += 1;
        answer
    }
}
