//! What the tests have in common.
//!
//! Virtual time goes with connections in memory (`transcript`), real time with real processes
//! and real sockets (`process`), never one with the other.

// Each test file uses a part of this.
#![allow(dead_code)]

pub mod process;
pub mod transcript;

/// Compares with `tests/snapshots/NAME.snap`, the file that the book shows.
pub fn assert_snapshot(name: &str, content: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, content));
}
