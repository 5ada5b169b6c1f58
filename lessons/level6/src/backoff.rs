//! How long to wait before the next attempt to connect.

use std::time::Duration;

/// The longest that the first wait can be: 250 ms.
pub const SHORTEST_WAIT: Duration = Duration::from_millis(250);
/// The longest that any wait can be: 30 s.
pub const LONGEST_WAIT: Duration = Duration::from_secs(30);

// ANCHOR: Backoff
/// Exponential backoff: each failure doubles the longest wait, from [`SHORTEST_WAIT`] up to
/// [`LONGEST_WAIT`].
#[derive(Clone, Debug, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The longest that the next wait may be; how long it is, [`full_jitter`] says.
    pub fn next_limit(&mut self) -> Duration {
        let doubled = 2u32.saturating_pow(self.failures);
        self.failures = self.failures.saturating_add(1);
        SHORTEST_WAIT.saturating_mul(doubled).min(LONGEST_WAIT)
    }

    /// The connection is good: the next failure is again the first.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

/// Anything between nothing and `limit`, by chance.
///
/// All clients lose a server at the same moment. Were their waits the same, they would all come
/// back at the same moment, too, and once again, and none would get in.
pub fn full_jitter(limit: Duration) -> Duration {
    rand::random_range(Duration::ZERO..=limit)
}
// ANCHOR_END: Backoff
