//! A reader's place in the log.

use std::{fmt, sync::Arc};

use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::{Event, Log, Subscribe};

/// With how many lines a reader begins that has not said how many.
const DEFAULT_TAIL: u64 = 10;

// ANCHOR: Reader
/// A reader's place in a log.
#[derive(Debug)]
pub struct Reader {
    log: Arc<Log>,
    /// The number of the line that is due.
    next: u64,
    more: watch::Receiver<()>,
    is_done: bool,
}

impl Reader {
    /// The next event for this reader, as it goes over the wire: a line, the gap where lines were,
    /// or the end. `None` if nothing is there yet, or all is said.
    pub fn take(&mut self) -> Option<Utf8Bytes> {
        let mut ring = self.log.ring();
        let first = ring.first();
        if self.next < first {
            let gap = Event::Gap { from: self.next, to: first - 1 };
            self.next = first;
            return Some(gap.encode());
        }
        if let Some(line) = ring.lines.get((self.next - first) as usize).cloned() {
            self.next += 1;
            ring.delivered += 1;
            return Some(line);
        }
        let end = ring.end.clone().filter(|_| !self.is_done)?;
        self.is_done = true;
        Some(end)
    }

    /// Waits until there may be more to take. Safe to cancel.
    pub async fn more(&mut self) {
        // An error would mean that the log is gone, and this reader holds it.
        let _ = self.more.changed().await;
    }

    /// Whether the end has been taken.
    pub fn is_done(&self) -> bool {
        self.is_done
    }
}

impl Log {
    /// A reader that begins where it wishes, and what it is told first.
    ///
    /// # Errors
    /// [`NoSuchPlace`] if this log has no line of that number yet, or the number is nobody's.
    pub fn reader(self: &Arc<Log>, wish: &Subscribe) -> Result<(Event, Reader), NoSuchPlace> {
        let more = self.more.subscribe();
        let ring = self.ring();
        let (first, last) = (ring.first(), ring.next - 1);
        let next = match (wish.after, &wish.log) {
            (None, _) => last.saturating_sub(wish.tail.unwrap_or(DEFAULT_TAIL)).max(first - 1) + 1,
            (Some(_), None) => return Err(NoSuchPlace("`after` needs the name of its log".into())),
            // A number of another log says nothing here: this one is told from its beginning.
            (Some(_), Some(log)) if log != self.name() => 1,
            (Some(after), _) if after <= last || self.is_copy => after.saturating_add(1),
            (Some(after), _) => {
                let reason = format!("there is no line {after} yet, the last is {last}");
                return Err(NoSuchPlace(reason));
            }
        };
        drop(ring);
        let hello =
            Event::Hello { log: self.name().to_string(), first, last, readers: self.readers() };
        Ok((hello, Reader { log: self.clone(), next, more, is_done: false }))
    }
}
// ANCHOR_END: Reader

/// The place where a reader wants to begin is none in this log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSuchPlace(String);

impl fmt::Display for NoSuchPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoSuchPlace {}
