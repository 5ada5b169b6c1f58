//! Comparing with the expected outputs, which the book shows as well.

use std::{
    fs,
    panic::{self, AssertUnwindSafe},
};

use similar::TextDiff;

use crate::project;

/// Compares with `tests/snapshots/NAME.snap`, the file that the book shows.
///
/// insta compares, and with `INSTA_UPDATE=always` writes. But it is silent (see
/// `.cargo/config.toml`), for its advice is to accept what is new, and that would overwrite what
/// the book shows. What differs is said here.
#[track_caller]
pub fn assert_snapshot(name: &str, content: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(project().join("tests/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let compare = || settings.bind(|| insta::assert_snapshot!(name, content));
    if panic::catch_unwind(AssertUnwindSafe(compare)).is_err() {
        panic!("{}", difference(name, content));
    }
}

/// What a learner is told: where it differs from the file, and never how to accept it.
pub fn difference(name: &str, content: &str) -> String {
    let file = format!("tests/snapshots/{name}.snap");
    let pinned = fs::read_to_string(project().join(&file)).unwrap_or_default();
    // Its first three lines are insta's own.
    let pinned = pinned.splitn(4, '\n').nth(3).unwrap_or_default();
    let difference = TextDiff::from_lines(pinned.trim_end(), content.trim_end())
        .unified_diff()
        .context_radius(3)
        .missing_newline_hint(false)
        .header(&file, "what came now")
        .to_string();
    format!(
        "not as expected in {file}:\n\n{difference}\n\
         If you have changed a lesson on purpose, this is the difference that it makes."
    )
}
