//! Is it still there? Both sides ask.

use std::time::Duration;

use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

/// How often a peer is looked after: every 20 s. It is less than the 60 s after which proxies cut
/// a connection on which nothing moves.
pub const PULSE: Duration = Duration::from_secs(20);

// ANCHOR: Pulse
/// The pulse of a peer: asked at every tick, unless it was silent since the last.
///
/// TCP does not tell that a machine has lost its power or a telephone its network: whoever only
/// waits, waits for ever. A peer that is gone is found after one to two ticks, 21 to 40 s; one that
/// answers within 20 s, however slowly, stays.
#[derive(Debug)]
pub struct Pulse {
    ticks: Interval,
    heard: bool,
}

/// What is to be done at a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    /// Send a ping. Every peer answers it, whatever else it does (section 5.5.2).
    Ask,
    /// Nothing came since the last tick, not even the answer to the ping: the peer is gone.
    Gone,
}

impl Pulse {
    /// The first tick is after `every`.
    pub fn new(every: Duration) -> Pulse {
        let mut ticks = interval_at(Instant::now() + every, every);
        // After a pause of this process, a peer has its full time to answer.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Pulse { ticks, heard: true }
    }

    /// Something came, whatever it was: the peer is there.
    pub fn heard(&mut self) {
        self.heard = true;
    }

    /// Waits for the next tick. Safe to cancel.
    pub async fn beat(&mut self) -> Beat {
        self.ticks.tick().await;
        if std::mem::take(&mut self.heard) { Beat::Ask } else { Beat::Gone }
    }
}
// ANCHOR_END: Pulse
