//! What was due and what came, side by side.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use super::due::Line;

/// A longer transcript is shown around the first difference, this many lines before and after it.
const WHOLE: usize = 14;
const AROUND: usize = 6;

/// How many characters of a line are shown.
const LONGEST: usize = 70;

pub fn table(due: &[Line], own: &[Line], first: Option<usize>) -> String {
    let length = due.len().max(own.len());
    let middle = first.unwrap_or(length);
    let (from, to) = match length {
        ..=WHOLE => (0, length),
        _ => (middle.saturating_sub(AROUND), (middle + AROUND).min(length)),
    };
    let cell = |lines: &[Line], i: usize| match lines.get(i) {
        Some(line) => shortened(&line.to_string(), LONGEST),
        None if i == lines.len() => told!("       (nothing more)"),
        None => String::new(),
    };
    let left = |i| cell(due, i);
    let width = (from..to).map(|i| left(i).width()).max().unwrap_or(0).max(30);

    let (title, yours) = (told!("due"), told!("yours"));
    let gap = " ".repeat(width - title.width());
    let mut table = format!("          {title}{gap}{yours}\n");
    if from > 0 {
        let _ = writeln!(table, "{}", told!("          … {} as due", from));
    }
    for i in from..to {
        let mark = if first == Some(i) { "->" } else { "  " };
        let (due, own) = (left(i), cell(own, i));
        let gap = " ".repeat(width - due.width());
        let _ = writeln!(table, "{}", format!("{mark}{due}{gap}   {own}").trim_end());
    }
    if to < length {
        let _ = writeln!(table, "          …");
    }
    table
}

/// A text of `longest` characters at most. Nobody wants to read a whole flood.
pub fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}
