//! A tiny recorder: what happened, to whom, and how many milliseconds after the start.

use std::{fmt::Display, time::Instant};

/// The clock of one run. A copy is the same clock.
#[derive(Clone, Copy)]
pub struct Timeline {
    start: Instant,
}

impl Timeline {
    /// Prints the title, and starts the clock.
    pub fn start(title: &str) -> Self {
        println!("  {title}");
        Timeline { start: Instant::now() }
    }

    /// Prints what has happened just now.
    pub fn note(self, who: &str, what: impl Display) {
        // Rounded down to tens: the last digit differs from run to run, and teaches nothing.
        let ms = self.start.elapsed().as_millis() / 10 * 10;
        println!("{ms:>8} ms  {who}  {what}");
    }
}
