//! The answers that are running on one connection. Each has an id, and exactly one end.

use std::collections::VecDeque;

use anyhow::Result;
use futures_util::{
    StreamExt,
    future::{pending, select_all},
};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use websocket_streaming::{CloseWith, say};

use crate::{
    answerer::{Answerer, Words},
    events::{Event, Request, Status, parse},
};

/// How many answers may run at once on one connection.
pub const MAX_RUNNING: usize = 8;

/// How many ends and errors may wait for a client that asks on and reads nothing: about 100 KB.
pub const MAX_WAITING: usize = 1024;

struct Answer {
    id: String,
    /// The number of its next delta.
    seq: u64,
    words: Words,
}

/// All that is under way between one client and its answerer.
pub struct Answers {
    answerer: Box<dyn Answerer>,
    running: Vec<Answer>,
    /// What is said without waiting for a word. It cannot wait for room either: the reader calls.
    waiting: VecDeque<Event>,
}

impl Answers {
    pub fn by(answerer: Box<dyn Answerer>) -> Answers {
        Answers { answerer, running: Vec::new(), waiting: VecDeque::new() }
    }

    // ANCHOR: take
    /// Takes in what the client says: starts an answer, stops one, or notes why not. Never waits.
    ///
    /// # Errors
    /// Close code 1008 if too much waits for a client that does not read.
    pub fn take(&mut self, text: &str) -> Result<()> {
        match parse(text) {
            Ok(Request::Ask { id, text }) => match self.refusal(&id) {
                Some(reason) => {
                    self.waiting.push_back(Event::Error { id: Some(id), reason: reason.into() });
                }
                None => {
                    say!("{id} asks: {text}");
                    let words = self.answerer.answer(&text);
                    self.running.push(Answer { id, seq: 0, words });
                }
            },
            Ok(Request::Cancel { id }) => {
                // Not among them: the cancel has crossed with the end, and that is no mistake.
                if let Some(index) = self.running.iter().position(|answer| answer.id == id) {
                    let end = self.end(index, Status::Cancelled);
                    self.waiting.push_back(end);
                }
            }
            Err(error) => self.waiting.push_back(error),
        }
        if self.waiting.len() > MAX_WAITING {
            let reason = "you ask faster than you read";
            return Err(CloseWith::new(CloseCode::Policy, reason).into());
        }
        Ok(())
    }

    fn refusal(&self, id: &str) -> Option<&'static str> {
        if self.running.iter().any(|answer| answer.id == id) {
            Some("an answer with this id is running")
        } else if self.running.len() >= MAX_RUNNING {
            Some("8 answers are running: wait for one to end, or cancel one")
        } else {
            None
        }
    }
    // ANCHOR_END: take

    /// Whether something is to be said at once.
    pub fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    // ANCHOR: next
    /// Waits for what is to be said next. Safe to cancel: no word is lost.
    pub async fn next(&mut self) -> Event {
        if let Some(event) = self.waiting.pop_front() {
            return event;
        }
        if self.running.is_empty() {
            return pending().await;
        }
        let words = self.running.iter_mut().map(|answer| answer.words.next());
        let (word, index, _others) = select_all(words).await;
        match word {
            Some(Ok(text)) => {
                // To the end of the line, so that one that is always ready leaves the others a turn.
                let answer = self.running.remove(index);
                let (id, seq) = (answer.id.clone(), answer.seq);
                self.running.push(Answer { seq: seq + 1, ..answer });
                Event::Delta { id, seq, text }
            }
            Some(Err(error)) => self.end(index, Status::Failed { reason: error.to_string() }),
            None => self.end(index, Status::Completed),
        }
    }
    // ANCHOR_END: next

    // ANCHOR: end
    /// The one place where an answer ends, whatever the reason. Taken out of the list, its stream
    /// is dropped, and whatever made its words stops; nothing of this id can follow.
    fn end(&mut self, index: usize, status: Status) -> Event {
        let Answer { id, .. } = self.running.remove(index);
        match &status {
            Status::Completed => say!("{id} is completed"),
            Status::Cancelled => say!("{id} is cancelled"),
            Status::Failed { reason } => say!("{id} has failed: {reason}"),
        }
        Event::Done { id, status }
    }
    // ANCHOR_END: end
}
