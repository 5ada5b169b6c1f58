//! How far the reader has come with the exercises.

use std::{env, fs};

/// Where to begin.
const FIRST_EXERCISE: &str = "lessons/level1/exercises/echo_everything.rs";

/// One line for the end of the tour: how many exercises are solved, and which is next.
pub fn progress() -> String {
    match last_summary() {
        Some(summary) => told!("{} (as of the last `cargo test`)", summary),
        None => told!("exercises: begin with {}; `cargo test` is the judge", FIRST_EXERCISE),
    }
}

/// What the judge of the exercises has left in TARGET/tmp, if it has run.
fn last_summary() -> Option<String> {
    // This program is in TARGET/PROFILE, or a little deeper.
    let program = env::current_exe().ok()?;
    let folders = program.ancestors().skip(1).take(3);
    let mut summaries = folders.map(|folder| fs::read_to_string(folder.join("tmp/exercises.txt")));
    summaries.find_map(Result::ok)
}
