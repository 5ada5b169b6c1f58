//! What a look into the code of an exercise tells.

/// Whether the gap is still there: a `todo!` outside the comments.
pub fn is_pending(source: &str) -> bool {
    code(source).contains("todo!(")
}

/// Whether the code asks the real clock, which knows nothing of the judge's virtual time.
pub fn asks_the_real_clock(source: &str) -> bool {
    let code = code(source).replace(char::is_whitespace, "");
    if code.contains("std::time::Instant") || code.contains("SystemTime") {
        return true;
    }
    // In the list of a `use std::{…};` or `use std::time::{…};`.
    let imports = code.split("use").filter_map(|rest| rest.strip_prefix("std::"));
    let mut imports = imports.filter_map(|rest| rest.split(';').next());
    imports.any(|list| list.contains("Instant"))
}

/// Whether the code sends pongs of its own: `Message::Pong(…)` as a value, not as a pattern.
pub fn sends_pongs(source: &str) -> bool {
    let code = code(source).replace(char::is_whitespace, "");
    let mut calls = code.split("Pong(").skip(1);
    calls.any(|rest| {
        let Some((argument, after)) = rest.split_once(')') else { return false };
        let is_pattern = ["_", ".."].contains(&argument)
            || ["=>", "|", "=", "if"].iter().any(|next| after.starts_with(next));
        !is_pattern
    })
}

/// The source without its comments.
pub fn code(source: &str) -> String {
    let mut code = String::new();
    let mut rest = source;
    while let Some(start) = ["//", "/*"].iter().filter_map(|mark| rest.find(mark)).min() {
        code += &rest[..start];
        let comment = &rest[start..];
        let end = if comment.starts_with("//") { "\n" } else { "*/" };
        rest = comment[2..].split_once(end).map_or("", |(_comment, rest)| rest);
        code.push('\n');
    }
    code + rest
}
