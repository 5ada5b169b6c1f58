//! What was said so far: a model remembers nothing, so it is told everything again each time.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use serde::Serialize;

/// How many questions back a model is told of, and how many bytes in all: models take only so much,
/// and every word of it costs.
const MAX_EXCHANGES: usize = 20;
const MAX_BYTES: usize = 32 * 1024;

/// A message as a model wants it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    pub role: &'static str,
    pub content: String,
}

#[derive(Debug, Default)]
struct Exchange {
    question: String,
    /// As much of it as has come: an answer that was stopped was half said.
    answer: String,
}

/// One answer's place in the history; its text is added as it comes.
#[derive(Clone, Debug, Default)]
pub struct Place(Arc<Mutex<Exchange>>);

impl Place {
    pub fn add(&self, text: &str) {
        let mut exchange = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // What is longer is forgotten as a whole, later.
        if exchange.answer.len() <= MAX_BYTES {
            exchange.answer += text;
        }
    }
}

#[derive(Debug, Default)]
pub struct History(VecDeque<Place>);

impl History {
    /// What to tell the model so that it answers `question`, and the place for the answer.
    pub fn ask(&mut self, question: &str) -> (Vec<Said>, Place) {
        let mut said = vec![Said { role: "user", content: question.into() }];
        let mut bytes = question.len();
        // From the newest back, as far as there is room; one that has no answer yet is left out.
        for Place(exchange) in self.0.iter().rev() {
            let exchange = exchange.lock().unwrap_or_else(PoisonError::into_inner);
            bytes += exchange.question.len() + exchange.answer.len();
            if bytes > MAX_BYTES {
                break;
            }
            if !exchange.answer.is_empty() {
                said.push(Said { role: "assistant", content: exchange.answer.clone() });
                said.push(Said { role: "user", content: exchange.question.clone() });
            }
        }
        said.reverse();
        let exchange = Exchange { question: question.into(), answer: String::new() };
        let place = Place(Arc::new(Mutex::new(exchange)));
        self.0.push_back(place.clone());
        if self.0.len() > MAX_EXCHANGES {
            self.0.pop_front();
        }
        (said, place)
    }
}
