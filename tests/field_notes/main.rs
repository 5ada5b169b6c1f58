//! The chapter "Twenty things that people get wrong": every note is done here the wrong way, with
//! the very symptom that the chapter names, and then the right way.
//!
//! Virtual time goes with connections in memory. Where the kernel is the point there are real
//! sockets, real time, and deadlines that a busy machine keeps too.

mod ending;
mod handshake;
mod limits;
mod reading_writing;
mod time;

use std::fmt::Display;

/// The table of symptoms.
const TABLE: &str = include_str!("../../book/src/twenty.md");
/// The pages with the notes, in the order of their numbers.
const PAGES: [(&str, &str); 5] = [
    ("ending", include_str!("../../book/src/twenty/ending.md")),
    ("speakers", include_str!("../../book/src/twenty/speakers.md")),
    ("time", include_str!("../../book/src/twenty/time.md")),
    ("handshake", include_str!("../../book/src/twenty/handshake.md")),
    ("limits", include_str!("../../book/src/twenty/limits.md")),
];

/// The error says `text`, and the chapter's note does, too.
fn assert_symptom(note: u32, error: impl Display, text: &str) {
    assert_eq!(error.to_string(), text);
    assert_chapter_names(note, text);
}

/// The symptom stands in the chapter, word for word, so that a search finds it in its note.
fn assert_chapter_names(note: u32, symptom: &str) {
    let passage = passage(note).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(passage.contains(symptom), "note {note} does not name {symptom:?}");
}

fn passage(note: u32) -> &'static str {
    let heading = format!("# {note}. ");
    let mut passages = PAGES.iter().flat_map(|(_, page)| page.split("\n#"));
    let passage = passages.find(|passage| passage.starts_with(&heading));
    passage.unwrap_or_else(|| panic!("the chapter has no note {note}"))
}

#[test]
fn the_table_of_symptoms_leads_to_twenty_notes_each_with_its_symptom_cause_and_cure() {
    let rows = TABLE.lines().filter_map(|row| row.strip_suffix(") |")?.split_once(" | ["));
    let linked: Vec<&str> = rows.map(|(_symptom, link)| link).collect();
    let pages = PAGES.iter().flat_map(|(name, page)| {
        let numbers = page.lines().filter_map(|line| line.strip_prefix("## ")?.split_once(". "));
        numbers.map(move |(number, _)| format!("{number}](twenty/{name}.md#note-{number}"))
    });
    assert_eq!(linked, pages.collect::<Vec<_>>());
    assert_eq!(linked.len(), 20);

    for note in 1..=20 {
        let passage = passage(note);
        let heading = passage.lines().next().unwrap_or_default();
        assert!(heading.ends_with(&format!("{{#note-{note}}}")), "{heading}");
        for part in ["**Symptom.**", "**Cause.**", "**Cure.**", "```rust,ignore"] {
            assert!(passage.contains(part), "note {note} has no {part}");
        }
    }
}
