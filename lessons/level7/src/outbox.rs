//! The lines of a writer that are not acknowledged yet.

use std::collections::VecDeque;

use crate::Request;

/// How many lines may wait for their acknowledgement: 32. Half of what the server allows, so that
/// lines that are sent again after a lost connection find room.
pub const WINDOW: usize = 32;

// ANCHOR: Outbox
/// Lines that are not acknowledged yet, in order, each with an id that it keeps.
#[derive(Debug)]
pub struct Outbox {
    /// What makes the ids of this program's lines different from all others'.
    prefix: String,
    count: u64,
    lines: VecDeque<(String, String)>,
    /// So many of them, from the first on, have been sent on this connection.
    sent: usize,
}

impl Outbox {
    /// An empty one. No other writer may have this prefix.
    pub fn new(prefix: impl Into<String>) -> Outbox {
        Outbox { prefix: prefix.into(), count: 0, lines: VecDeque::new(), sent: 0 }
    }

    /// Adds a line.
    pub fn push(&mut self, text: String) {
        self.count += 1;
        self.lines.push_back((format!("{}-{}", self.prefix, self.count), text));
    }

    /// Whether another line may be added.
    pub fn has_room(&self) -> bool {
        self.lines.len() < WINDOW
    }

    /// Whether all lines are acknowledged.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Whether there is something to send.
    pub fn has_unsent(&self) -> bool {
        self.sent < self.lines.len()
    }

    /// The next line to send.
    pub fn next_to_send(&mut self) -> Option<Request> {
        let (id, text) = self.lines.get(self.sent)?.clone();
        self.sent += 1;
        Some(Request::Publish { id, text })
    }

    /// The line is settled: it is kept, or never will be. Returns its text; `None` if it was settled
    /// before, as when an answer comes that had been given up.
    pub fn settle(&mut self, id: &str) -> Option<String> {
        let index = self.lines.iter().position(|(it, _)| it == id)?;
        if index < self.sent {
            self.sent -= 1;
        }
        self.lines.remove(index).map(|(_, text)| text)
    }

    /// Nobody knows what has become of the lines that were sent: they are sent again, with the same
    /// ids. What was kept already is not kept twice.
    pub fn send_all_again(&mut self) {
        self.sent = 0;
    }
}
// ANCHOR_END: Outbox
