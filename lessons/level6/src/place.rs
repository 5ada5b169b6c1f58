//! How far a client has come, over all its connections.

use crate::{Backoff, Event, Seen};

// ANCHOR: Place
/// How far a client has come.
#[derive(Debug, Default)]
pub struct Place {
    /// The log that it reads, once that is known.
    pub log: Option<String>,
    /// The last line that it has, or knows to be lost.
    pub last: u64,
}

impl Place {
    /// Takes what the server says, and shows what is new in it. Returns whether that was the end.
    ///
    /// The first time it begins with the newest `tail` lines.
    pub fn take(
        &mut self,
        event: Event,
        tail: u64,
        backoff: &mut Backoff,
        show: &mut impl FnMut(Seen),
    ) -> bool {
        match event {
            Event::Hello { log, first, last, .. } => {
                if self.log.is_none() {
                    // From here on nothing may be missed, even if the connection breaks now.
                    self.last = last.saturating_sub(tail).max(first.saturating_sub(1));
                } else if self.log.as_ref() != Some(&log) {
                    self.last = 0;
                    show(Seen::Anew);
                }
                self.log = Some(log);
            }
            Event::Line { seq, text, stderr, .. } => {
                // Only now: a server that greets and then fails would be asked at full speed.
                backoff.reset();
                if seq > self.last {
                    self.skip_to(seq - 1, show);
                    self.last = seq;
                    show(Seen::Line(text, stderr));
                }
            }
            Event::Gap { to, .. } => self.skip_to(to, show),
            Event::End { status } => {
                show(Seen::End(status));
                return true;
            }
            Event::Unknown => {}
        }
        false
    }

    /// Whatever is missing up to this line is lost, whether the server says so or not.
    fn skip_to(&mut self, last: u64, show: &mut impl FnMut(Seen)) {
        if last > self.last {
            show(Seen::Lost(last - self.last));
            self.last = last;
        }
    }
}
// ANCHOR_END: Place
