//! Comparing with the expected outputs, which the book shows as well.

use std::{env, fs};

use similar::TextDiff;

use crate::project;

/// Compares with `tests/snapshots/NAME.snap`, the file that the book shows.
///
/// insta writes the file, with `INSTA_UPDATE=always`, and notes for CI that it is in use. But it
/// does not say what differs: its advice is to accept what is new, and that would overwrite what
/// the book shows.
#[track_caller]
pub fn assert_snapshot(name: &str, content: &str) {
    let accept = env::var("INSTA_UPDATE").is_ok_and(|update| update == "always");
    if !accept && pinned(name).trim_end() != content.trim_end() {
        panic!("{}", difference(name, content));
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(project().join("tests/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, content));
}

/// What a learner is told: where it differs from the file, and never how to accept it.
pub fn difference(name: &str, content: &str) -> String {
    let file = format!("tests/snapshots/{name}.snap");
    let difference = TextDiff::from_lines(pinned(name).trim_end(), content.trim_end())
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

/// The text in the file, without insta's own lines at its top, which are between two `---`.
fn pinned(name: &str) -> String {
    let file = fs::read_to_string(project().join(format!("tests/snapshots/{name}.snap")));
    let file = file.unwrap_or_default().replace("\r\n", "\n");
    file.split_once("\n---\n").map_or("", |(_header, text)| text).to_string()
}
