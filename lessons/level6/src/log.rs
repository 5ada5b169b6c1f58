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
    pub(crate) name: String,
    start: Instant,
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
        let ring = Ring { lines: VecDeque::new(), bytes: 0, next: 1, end: None, delivered: 0 };
        let (more, _) = watch::channel(());
        let (start, capacity, ring) = (Instant::now(), (lines, bytes), Mutex::new(ring));
        Arc::new(Log { name: name.into(), start, capacity, ring, more })
    }

    /// Appends a line. Waits for nobody.
    pub fn append(&self, text: String, stderr: bool) {
        let mut ring = self.ring();
        if ring.end.is_some() {
            return;
        }
        let (seq, ms) = (ring.next, self.start.elapsed().as_millis() as u64);
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
