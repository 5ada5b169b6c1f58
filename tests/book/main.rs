//! Do the book and the pages beside it tell the truth about the project? Needs no mdBook.
//!
//! Each check lists all that it finds, as `FILE:LINE: what is wrong: the text`.

mod commands;
mod mistakes;
mod page;
mod words;

use std::{fs, path::PathBuf, sync::LazyLock};

use page::{Kind, Page};

#[test]
fn every_include_finds_its_file_and_its_lines() {
    assert_none(pages().flat_map(|page| problems(&page, Kind::Include)));
}

#[test]
fn no_listing_is_typed_by_hand() {
    assert_none(pages().flat_map(|page| problems(&page, Kind::Listing)));
}

#[test]
fn every_console_holds_commands_that_work() {
    assert_none(pages().flat_map(|page| problems(&page, Kind::Console)));
}

#[test]
fn every_command_program_and_path_in_the_text_exists() {
    assert_none(pages().flat_map(|page| problems(&page, Kind::Code)));
}

#[test]
fn every_error_in_the_text_is_one_that_a_reader_can_see() {
    assert_none(pages().flat_map(|page| problems(&page, Kind::Symptom)));
}

#[test]
fn every_link_leads_somewhere() {
    assert_none(pages().flat_map(|page| problems(&page, Kind::Link)));
}

/// One who copies it gets what this course was tested with.
#[test]
fn the_manifest_of_a_first_project_has_our_versions() {
    let version_of = |line: &str| {
        let (name, rest) = line.split_once(" = ")?;
        let is_version = |it: &&str| it.starts_with(|c: char| c.is_ascii_digit());
        Some((name.to_string(), rest.split('"').find(is_version)?.to_string()))
    };
    let ours = read("Cargo.toml");
    let ours: Vec<_> = ours.lines().filter_map(version_of).collect();
    let first = read("examples/first_server/Cargo.toml");
    let (_, dependencies) = first.split_once("[dependencies]\n").expect("dependencies");
    let versions: Vec<_> = dependencies.lines().filter_map(version_of).collect();
    assert_eq!(versions.len(), 4, "{versions:?}");
    assert!(versions.iter().all(|one| ours.contains(one)), "{versions:?}");
}

#[test]
fn every_chapter_is_in_the_summary() {
    let summary = page("book/src/SUMMARY.md");
    let listed: Vec<_> = summary.all(Kind::Link).map(|it| resolve(&summary, it)).collect();
    let mut chapters = files("book/src", ".md");
    chapters.retain(|path| *path != summary.path && !listed.contains(path));
    assert_none(chapters.iter().map(|path| format!("{path}:1: not in SUMMARY.md")));
}

#[test]
fn every_page_says_what_comes_next() {
    let summary = page("book/src/SUMMARY.md");
    let chapters: Vec<_> = summary.all(Kind::Link).map(|it| resolve(&summary, it)).collect();
    let wrong = chapters.windows(2).filter(|pair| {
        let (page, text) = (page(&pair[0]), read(&pair[0]));
        let next = text.split_once("\nNext: [").and_then(|(_, rest)| rest.split(['(', ')']).nth(1));
        next.is_none_or(|link| resolve(&page, link) != pair[1])
    });
    assert_none(wrong.map(|pair| format!("{}:1: no `Next: […](…)` to {}", pair[0], pair[1])));
}

#[test]
fn every_level_is_in_the_table_of_levels_and_on_the_map() {
    let map = read("book/src/welcome.md");
    let levels: Vec<String> = (1..10).map(|level| level.to_string()).collect();
    let levels = levels.iter().filter(|level| exists(&format!("lessons/level{level}")));
    assert_none(levels.flat_map(|level| missing_in_lists(level, &map)));
}

#[test]
fn every_listing_has_its_file_above_it() {
    assert_none(pages().flat_map(|page| captions(&page, &read(&page.path))));
}

#[test]
fn every_time_that_is_promised_for_a_page_is_its_own() {
    assert_none(pages().flat_map(|page| promises(&page, &read(&page.path))));
}

#[test]
fn every_anchor_is_shown_by_a_page() {
    let shown = |page: Page| {
        let includes = page.all(Kind::Include).filter_map(included);
        includes.map(|it| resolve(&page, it)).collect::<Vec<_>>()
    };
    let shown: Vec<String> = pages().flat_map(shown).collect();
    let sources = ["lessons", "src"].into_iter().flat_map(|folder| files(folder, ".rs"));
    assert_none(sources.flat_map(|path| dead_anchors(&path, &read(&path), &shown)));
}

fn missing_in_lists(level: &str, map: &str) -> Vec<String> {
    let is_in = |text: &str, start: &str| text.lines().any(|line| line.starts_with(start));
    let mut missing = Vec::new();
    for readme in ["README.md", "README.zh-CN.md"] {
        if !is_in(&read(readme), &format!("| {level} |")) {
            missing.push(format!("{readme}:1: no row in the table of levels for Level {level}"));
        }
    }
    if !is_in(map, &format!("- **Level {level}.")) {
        missing.push(format!("book/src/welcome.md:1: Level {level} is not on the map"));
    }
    missing
}

fn assert_none(problems: impl Iterator<Item = String>) {
    let problems: Vec<String> = problems.collect();
    assert!(problems.is_empty(), "\n\n{}\n", problems.join("\n"));
}

fn problems(page: &Page, kind: Kind) -> Vec<String> {
    let items = page.items.iter().filter(|item| item.1 == kind);
    let described = items.filter_map(|(line, kind, text)| {
        Some(format!("{}:{line}: {}: {text}", page.path, problem(page, *kind, text)?))
    });
    described.collect()
}

fn problem(page: &Page, kind: Kind, text: &str) -> Option<&'static str> {
    match kind {
        Kind::Include => include_problem(page, text),
        Kind::Link => link_problem(page, text),
        Kind::Console if text.starts_with("$ ") => commands::problem(&text[2..]),
        _ if text.trim().is_empty() => None,
        Kind::Console if !page.path.starts_with("README") => {
            Some("not a command, which begins with `$ `")
        }
        Kind::Console if !is_in_a_terminal(text) => Some("no snapshot of a terminal has this line"),
        Kind::Listing if !text.starts_with("{{#") => Some("typed by hand, not included"),
        Kind::Code if is_path(text) && !exists(text) => Some("there is no such file"),
        Kind::Code if is_program(text) && !commands::is_target(None, "bin", text) => {
            Some("there is no such program")
        }
        Kind::Code if is_sentence(text) && !is_test(text) => Some("there is no such test"),
        Kind::Code => commands::problem(text),
        Kind::Symptom if !is_printed(text) => Some("nothing in the project prints this"),
        _ => None,
    }
}

fn include_problem(page: &Page, text: &str) -> Option<&'static str> {
    let Some(include) = included(text) else {
        return Some("only `#include` and `#rustdoc_include` are used here");
    };
    let (file, part) = include.split_once(':').unwrap_or((include, ""));
    let file = resolve(page, file);
    if !exists(&file) {
        return Some("there is no such file");
    }
    let content = read(&file);
    let (is_right, problem) = if file.ends_with(".svg") {
        (part.is_empty() && !content.contains("\n\n"), "an empty line in it ends the picture")
    } else if file.ends_with(".snap") {
        let has_header = content.lines().step_by(2).take(2).eq(["---", "---"]);
        (part == "4:" && has_header, "a snapshot is shown without its 3 lines of header: `:4:`")
    } else if file.ends_with("/Cargo.toml") {
        (part.is_empty(), "a manifest is shown as a whole")
    } else if file.contains("/exercises/") && part.is_empty() {
        (content.contains("\n//! What is due"), "a console needs an exercise that says what is due")
    } else if let Some(last) = part.strip_prefix(':').filter(|_| file.contains("/exercises/")) {
        let lines = content.lines().take_while(|line| line.starts_with("//!")).count();
        (last == lines.to_string(), "a task is all of the file's first lines, and no more")
    } else {
        let has_text = anchored(&content, part).is_some_and(|text| !text.is_empty());
        (has_text, "no such anchor, or no ANCHOR_END after it, or nothing between them")
    };
    (!is_right).then_some(problem)
}

/// `rustdoc_include` shows a part and hides the rest of its file behind a button.
fn included(text: &str) -> Option<&str> {
    text.strip_prefix("include ").or_else(|| text.strip_prefix("rustdoc_include "))
}

/// The listings whose caption does not name their file, or that cannot show the rest of it.
fn captions(page: &Page, text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let wrong = (3..lines.len()).filter_map(|at| {
        let include = lines[at].strip_prefix("{{#").and_then(included)?;
        let (file, anchor) = include.split_once(".rs:").or(include.split_once(".js:"))?;
        // The task of an exercise: its fold names it, and the rest is for the reader to write.
        if anchor.starts_with(':') {
            return None;
        }
        if include.contains(".rs:") && !lines[at].starts_with("{{#rustdoc_include ") {
            return Some(format!("{}:{}: the rest of its file is out of reach", page.path, at + 1));
        }
        let caption = lines[at - 3].strip_prefix("<p class=\"file\"><code>");
        let named = caption.and_then(|it| it.strip_suffix("</code></p>")).unwrap_or_default();
        let is_right = named.rsplit_once('.').is_some_and(|(it, _)| it == resolve(page, file));
        (!is_right).then(|| format!("{}:{}: its file is not named above it", page.path, at + 1))
    });
    wrong.collect()
}

fn anchored<'a>(content: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = content.split_once(&format!("// ANCHOR: {name}\n"))?;
    Some(rest.split_once(&format!("// ANCHOR_END: {name}\n"))?.0.trim_end())
}

fn dead_anchors(path: &str, content: &str, shown: &[String]) -> Vec<String> {
    let names = content.lines().map(|line| Some(line.split_once("// ANCHOR: ")?.1));
    let anchors = (1..).zip(names).filter_map(|(line, name)| Some((line, name?)));
    let dead = anchors.filter(|(_, name)| !shown.contains(&format!("{path}:{name}")));
    dead.map(|(line, name)| format!("{path}:{line}: no page shows this anchor: {name}")).collect()
}

fn link_problem(page: &Page, link: &str) -> Option<&'static str> {
    let (file, id) = link.split_once('#').unwrap_or((link, ""));
    let target = if file.is_empty() { page.path.clone() } else { resolve(page, file) };
    if link.contains("://") {
        None
    } else if page.path.starts_with("book/") && !target.starts_with("book/src/") {
        Some("the link leaves the book")
    } else if !exists(&target) {
        Some("there is no such file")
    } else if !id.is_empty() && self::page(&target).all(Kind::Id).all(|it| it != id) {
        Some("there is no such heading")
    } else {
        None
    }
}

/// What is wrong with the times that stand behind links: on the map, and behind `Next:`.
fn promises(page: &Page, text: &str) -> Vec<String> {
    let is_place = |line: &&str| line.starts_with("  - [") || line.starts_with("Next: [");
    let places = (1..).zip(text.lines()).filter(|(_, line)| is_place(line));
    let wrong = places.filter_map(|(line, text)| {
        let (link, promise) = text.split_once("](")?.1.split_once(')')?;
        let due = time_of(&read(&resolve(page, link)));
        let due = due.map_or_else(String::new, |time| format!(" ({time})"));
        (promise != due).then(|| format!("{}:{line}: not `{due}`, as its page says", page.path))
    });
    wrong.collect()
}

/// What a page says below its title: `25 minutes`, `for looking up`.
fn time_of(text: &str) -> Option<String> {
    let below = text.split_once("\n\n*")?.1;
    let time = text.lines().nth(2)?.strip_prefix('*').and(below.split(['.', ',']).next())?;
    Some(time[..1].to_lowercase() + &time[1..])
}

fn is_path(code: &str) -> bool {
    let folders = ["lessons/", "src/", "tests/", "tour/", "benches/", "book/", "examples/", ".ci/"];
    folders.iter().any(|folder| code.starts_with(folder))
}

/// Does it look like the name of a test, `a_client_that_leaves_stops_the_answer`?
fn is_sentence(code: &str) -> bool {
    let is_name = code.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name && code.matches('_').count() >= 5
}

fn is_test(name: &str) -> bool {
    static TESTS: LazyLock<String> =
        LazyLock::new(|| ["lessons", "tests"].map(|folder| read_all(folder, ".rs")).concat());
    TESTS.contains(&format!("fn {name}("))
}

/// Does it look like `level2_stream_server`?
fn is_program(code: &str) -> bool {
    let is_name = code.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name && code.starts_with("level") && code.get(6..7) == Some("_")
}

fn is_in_a_terminal(line: &str) -> bool {
    let terminals = read_all("tests/snapshots", "_terminal.snap");
    terminals
        .split("\n")
        .flat_map(|line| line.split("\\r"))
        .any(|printed| printed.trim() == line.trim())
}

/// Quoted for the reader's sake, but printed by cargo, the compiler, the shell, Python or rustls.
const OTHERS_PRINT: [&str; 8] = [
    "CryptoProvider",
    "failed to remove file … Access is denied",
    "feature edition2024 is required",
    "keepalive ping timeout",
    "linker cc not found",
    "mdbook: command not found",
    "no method named next found",
    "rust-version",
];

fn is_printed(text: &str) -> bool {
    static PRINTED: LazyLock<String> = LazyLock::new(|| {
        let sources = ["src", "lessons", "tests", "tour"].map(|folder| read_all(folder, ".rs"));
        phrases(&(sources.concat() + &read_all("tests/snapshots", ".snap")))
    });
    let is_known = |phrase: &str| PRINTED.contains(phrase.trim());
    OTHERS_PRINT.contains(&text) || phrases(text).lines().all(is_known)
}

/// A line for the words between two placeholders: `…`, `{url}`, an address, a number. A `:` or `;`
/// ends a line too, since an error, its cause and its cure may be printed from three places.
fn phrases(text: &str) -> String {
    let words = text.split_whitespace().filter(|word| *word != "\\").map(|word| {
        let is_placeholder = word.contains(|c: char| c.is_ascii_digit() || "{…".contains(c));
        let last = word.strip_suffix([':', ';']).map(|word| format!("{word}\n"));
        if is_placeholder { "\n".into() } else { last.unwrap_or_else(|| word.into()) }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// All files of the book, and the pages beside it.
fn pages() -> impl Iterator<Item = Page> {
    let beside = ["README.md", "README.zh-CN.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"]
        .map(String::from);
    files("book/src", ".md").into_iter().chain(beside).map(|path| page(&path))
}

fn page(path: &str) -> Page {
    Page::parse(path, &read(path))
}

/// Turns a path from the page's folder into one from the project's.
fn resolve(page: &Page, path: &str) -> String {
    let mut parts: Vec<&str> = page.path.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            ".." => parts.truncate(parts.len().saturating_sub(1)),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn absolute(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn exists(path: &str) -> bool {
    absolute(path).exists()
}

fn read(path: &str) -> String {
    let text = fs::read_to_string(absolute(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    text.replace("\r\n", "\n")
}

/// All files in a folder, at any depth, with names that end so.
fn files(folder: &str, ending: &str) -> Vec<String> {
    let entries = fs::read_dir(absolute(folder)).expect("a folder of the project");
    let names = entries.map(|entry| entry.expect("a readable folder").file_name());
    let mut paths: Vec<_> = names.map(|it| format!("{folder}/{}", it.to_string_lossy())).collect();
    paths.sort();
    let inside = |path: String| {
        if absolute(&path).is_dir() { files(&path, ending) } else { vec![path] }
    };
    paths.into_iter().flat_map(inside).filter(|path| path.ends_with(ending)).collect()
}

/// What they say, but for this test: it quotes what it looks for.
fn read_all(folder: &str, ending: &str) -> String {
    let paths = files(folder, ending).into_iter().filter(|path| !path.starts_with("tests/book"));
    paths.map(|path| read(&path)).collect()
}
