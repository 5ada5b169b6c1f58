//! The newest lines, each encoded once and shared by all readers. Readers have places, not queues.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{sync::watch, time::Instant};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::Event;

/// How many lines are kept: 10,000.
pub const MAX_LINES: usize = 10_000;
/// How many bytes of lines are kept, as they go over the wire: 8 MiB.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

// ANCHOR: Log
/// A log: lines come in on one side, and any number of readers take them, each at its own speed.
#[derive(Debug)]
pub struct Log {
    name: String,
    start: Instant,
    /// Whether it is kept elsewhere, and this is a copy that may be behind.
    pub(crate) is_copy: bool,
    capacity: (usize, usize),
    ring: Mutex<Ring>,
    /// Wakes the readers that wait for more.
    pub(crate) more: watch::Sender<()>,
}

#[derive(Debug)]
pub(crate) struct Ring {
    pub lines: VecDeque<Utf8Bytes>,
    bytes: usize,
    /// The number of the next line to come.
    pub next: u64,
    pub end: Option<Utf8Bytes>,
    pub delivered: u64,
}

impl Log {
    /// An empty log. No other log may ever have had this name: it is how a reader that comes back
    /// knows whether its number is one of this log's.
    pub fn new(name: impl Into<String>) -> Arc<Log> {
        Log::with_capacity(name, MAX_LINES, MAX_BYTES)
    }

    /// One that keeps at most so many lines and bytes, but always the newest line.
    pub fn with_capacity(name: impl Into<String>, lines: usize, bytes: usize) -> Arc<Log> {
        Arc::new(Log::empty(name.into(), (lines, bytes), 1, false))
    }

    /// An empty copy of a log that is kept elsewhere; the next line that comes has the number
    /// `next`. A reader that has more already than has come here waits until its line comes.
    pub fn copy_from(name: impl Into<String>, next: u64) -> Arc<Log> {
        Arc::new(Log::empty(name.into(), (MAX_LINES, MAX_BYTES), next.max(1), true))
    }

    fn empty(name: String, capacity: (usize, usize), next: u64, is_copy: bool) -> Log {
        let ring = Ring { lines: VecDeque::new(), bytes: 0, next, end: None, delivered: 0 };
        let (start, ring, more) = (Instant::now(), Mutex::new(ring), watch::channel(()).0);
        Log { name, start, is_copy, capacity, ring, more }
    }

    /// Appends a line. Waits for nobody. Returns its number; `None` once the log has ended.
    pub fn append(&self, text: String, stderr: bool) -> Option<u64> {
        self.append_at(self.start.elapsed().as_millis() as u64, text, stderr)
    }

    /// As [`append`](Log::append), for a line that came `ms` milliseconds after the log began.
    pub fn append_at(&self, ms: u64, text: String, stderr: bool) -> Option<u64> {
        let mut ring = self.ring();
        if ring.end.is_some() {
            return None;
        }
        let seq = ring.next;
        let line = Event::Line { seq, ms, text, stderr, readers: self.readers() }.encode();
        ring.next += 1;
        ring.bytes += line.len();
        ring.lines.push_back(line);
        while ring.lines.len() > 1
            && (ring.lines.len() > self.capacity.0 || ring.bytes > self.capacity.1)
        {
            ring.bytes -= ring.lines.pop_front().map_or(0, |line| line.len());
        }
        drop(ring);
        self.more.send_replace(());
        Some(seq)
    }

    /// The next line has the number `next`: all before it are gone, and who has not read them is
    /// told of a gap. Does nothing if that number is given already.
    pub fn skip_to(&self, next: u64) {
        let mut ring = self.ring();
        if next <= ring.next {
            return;
        }
        *ring = Ring { lines: VecDeque::new(), bytes: 0, next, end: ring.end.take(), ..*ring };
        drop(ring);
        self.more.send_replace(());
    }

    /// The log's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of the newest line; 0 if there has been none.
    pub fn last(&self) -> u64 {
        self.ring().next - 1
    }

    /// Ends the log, with the command's exit status if there is one. What is in it can still be read.
    pub fn end(&self, status: Option<i32>) {
        self.ring().end = Some(Event::End { status }.encode());
        self.more.send_replace(());
    }

    /// How many readers there are.
    pub fn readers(&self) -> usize {
        self.more.receiver_count()
    }

    /// How many lines have been taken, by all readers together.
    pub fn delivered(&self) -> u64 {
        self.ring().delivered
    }

    pub(crate) fn ring(&self) -> MutexGuard<'_, Ring> {
        // Nothing in here panics half-way.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ring {
    /// The number of the oldest line that is kept; that of the next one if there is none.
    pub fn first(&self) -> u64 {
        self.next - self.lines.len() as u64
    }
}
// ANCHOR_END: Log
