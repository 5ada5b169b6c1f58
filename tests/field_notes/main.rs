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

const CHAPTER: &str = include_str!("../../book/src/twenty.md");

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
    let heading = format!("## {note}. ");
    let mut passages = CHAPTER.split("\n#");
    let passage = passages.find(|passage| passage.starts_with(&heading));
    passage.unwrap_or_else(|| panic!("the chapter has no note {note}"))
}

#[test]
fn the_table_of_symptoms_leads_to_twenty_notes_each_with_its_symptom_cause_and_cure() {
    let (table, notes) = CHAPTER.split_once("\n## ").expect("the table, then the notes");
    let linked = table.lines().filter_map(|row| row.strip_suffix(") |")?.split_once(" | [")).map(
        |(_symptom, link)| {
            let (number, _) = link.split_once("](#note-").expect("a link to a note");
            assert_eq!(link, format!("{number}](#note-{number}"));
            number.parse::<u32>().expect("a number")
        },
    );
    assert!(linked.eq(1..=20), "{table}");

    for note in 1..=20 {
        let passage = passage(note);
        let heading = passage.lines().next().unwrap_or_default();
        assert!(heading.ends_with(&format!("{{#note-{note}}}")), "{heading}");
        for part in ["**Symptom.**", "**Cause.**", "**Cure.**", "```rust,ignore"] {
            assert!(passage.contains(part), "note {note} has no {part}");
        }
    }
    assert_eq!(notes.matches("\n### ").count(), 20);
}
