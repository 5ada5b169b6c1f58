//! One log line for each event that matters, and yet no stranger can fill a disk.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use log::Level;
use tokio::time::Instant;

/// How often the same kind of event is logged, at most: once a second.
const SELDOM: Duration = Duration::from_secs(1);

/// And what somebody should mend, and may take a day for it: once a minute.
const REMINDER: Duration = Duration::from_secs(60);

// ANCHOR: Journal
/// Logs what happens, but each kind of event once a second at most, with how many were left out.
#[derive(Debug, Default)]
pub struct Journal(Mutex<HashMap<&'static str, (Option<Instant>, u64)>>);

impl Journal {
    /// Notes that `kind` has happened; the details are asked for only if they are logged.
    pub fn note(&self, kind: &'static str, details: impl FnOnce() -> String) {
        self.log(Level::Info, SELDOM, kind, details);
    }

    /// Warns whoever runs this server of something that is to be mended: once a minute at most.
    pub fn warn(&self, kind: &'static str, details: impl FnOnce() -> String) {
        self.log(Level::Warn, REMINDER, kind, details);
    }

    fn log(
        &self,
        level: Level,
        gap: Duration,
        kind: &'static str,
        details: impl FnOnce() -> String,
    ) {
        let left_out = {
            // Nothing in here panics half-way.
            let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let (last, left_out) = kinds.entry(kind).or_default();
            if last.is_some_and(|last| last.elapsed() < gap) {
                *left_out += 1;
                return;
            }
            *last = Some(Instant::now());
            std::mem::take(left_out)
        };
        let more = if left_out == 0 { String::new() } else { format!(" (and {left_out} before)") };
        log::log!(level, "{kind}: {}{more}", details());
    }
}
// ANCHOR_END: Journal
