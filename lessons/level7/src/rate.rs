//! How many messages a client may send.

use tokio::time::Instant;

// ANCHOR: Rate
/// So many messages a second, and as many at once: a bucket that fills with time, and from which
/// each message takes one.
#[derive(Debug)]
pub struct Rate {
    per_second: f64,
    left: f64,
    since: Instant,
}

impl Rate {
    /// A full bucket.
    pub fn new(per_second: u32) -> Rate {
        let per_second = f64::from(per_second);
        Rate { per_second, left: per_second, since: Instant::now() }
    }

    /// Whether one more message is allowed now.
    pub fn allows_one_more(&mut self) -> bool {
        let now = Instant::now();
        let filled = (now - self.since).as_secs_f64() * self.per_second;
        self.left = (self.left + filled).min(self.per_second);
        self.since = now;
        if self.left < 1.0 {
            return false;
        }
        self.left -= 1.0;
        true
    }
}
// ANCHOR_END: Rate
