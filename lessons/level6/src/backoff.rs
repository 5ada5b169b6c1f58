//! How long to wait before the next attempt to connect.

use std::time::Duration;

/// The limit of the first wait: 250 ms.
pub const BACKOFF_BASE: Duration = Duration::from_millis(250);
/// The limit of every wait: 30 s.
pub const BACKOFF_CAP: Duration = Duration::from_secs(30);

// ANCHOR: Backoff
/// Exponential backoff: each failure doubles the limit of the next wait, from [`BACKOFF_BASE`] up to
/// [`BACKOFF_CAP`].
#[derive(Clone, Debug, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The limit of the next wait; how long it is, [`full_jitter`] says.
    pub fn next_limit(&mut self) -> Duration {
        let doubled = 2u32.saturating_pow(self.failures);
        self.failures = self.failures.saturating_add(1);
        BACKOFF_BASE.saturating_mul(doubled).min(BACKOFF_CAP)
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
