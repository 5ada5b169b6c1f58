//! Do the tour and the judge of the exercises say all that they say in Chinese, too?

use std::collections::BTreeMap;

use crate::{assert_none, files, read};

const TABLE: &str = "tour/zh.tsv";

#[test]
fn every_sentence_of_the_tour_and_of_the_judge_has_its_chinese() {
    let told = told();
    assert!(told.len() > 100, "only {} sentences found", told.len());
    let table = table();
    let missing = told.iter().filter(|(english, _)| !table.contains_key(*english));
    assert_none(missing.map(|(english, place)| format!("{place}: not in {TABLE}: {english}")));
}

#[test]
fn every_chinese_sentence_is_one_that_is_said_with_the_same_values_and_code() {
    let told = told();
    let wrong = table().into_iter().filter_map(|(english, (line, chinese))| {
        let problem = match () {
            () if !told.contains_key(&english) => "nobody says this",
            () if placeholders(&english) != placeholders(&chinese) => "other placeholders",
            () if code(&english) != code(&chinese) => "other code",
            () if english.matches("\\n").count() != chinese.matches("\\n").count() => "other lines",
            () => return None,
        };
        Some(format!("{TABLE}:{line}: {problem}: {english}"))
    });
    assert_none(wrong);
}

/// All English sentences, each with a place where it is said.
fn told() -> BTreeMap<String, String> {
    let sources = files("tour", ".rs").into_iter().chain(files("tests/support/src/judge", ".rs"));
    let mut told = BTreeMap::new();
    // Which explains itself with an example.
    for path in sources.filter(|path| path != "tour/language.rs") {
        let source = read(&path);
        for marker in ["told!(", "english!("] {
            for (at, _) in source.match_indices(marker) {
                let Some(english) = literal(source[at + marker.len()..].trim_start()) else {
                    continue;
                };
                let line = 1 + source[..at].matches('\n').count();
                told.insert(english, format!("{path}:{line}"));
            }
        }
    }
    told.extend(titles());
    told
}

/// The titles of the scenes that the judge plays besides those of a header: `scenes.rs` reads them.
fn titles() -> BTreeMap<String, String> {
    let mut titles = BTreeMap::new();
    let more =
        files("lessons", ".txt").into_iter().filter(|path| path.contains("/exercises/more/"));
    for path in more {
        let source = read(&path);
        let blocks: Vec<_> = source.split("\n\n").collect();
        let is_title = |two: &&[&str]| !two[0].starts_with(' ') && two[1].starts_with("    ");
        let found = blocks.windows(2).filter(is_title);
        let found = found.map(|two| two[0].split_whitespace().collect::<Vec<_>>().join(" "));
        // What is said of another client in the same scene is not its title.
        let found = found.filter(|title| !title.starts_with("At the same time"));
        titles.extend(found.map(|title| (title, path.clone())));
    }
    assert!(titles.len() > 100, "only {} titles found", titles.len());
    titles
}

/// The string that the source begins with, on one line as in the table.
fn literal(source: &str) -> Option<String> {
    let mut chars = source.strip_prefix('"')?.chars();
    let mut text = String::new();
    loop {
        match chars.next()? {
            '"' => return Some(text),
            '\\' => match chars.next()? {
                'n' => text += "\\n",
                // A line of the source that goes on in the next one.
                '\n' => chars = chars.as_str().trim_start().chars(),
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
}

/// Each sentence with the number of its line and its Chinese.
fn table() -> BTreeMap<String, (usize, String)> {
    let table = read(TABLE);
    let lines = (1..).zip(table.lines());
    let sentences = lines.map(|(number, line)| {
        let (english, chinese) = line.split_once('\t').expect("English, a tab, Chinese");
        (english.to_string(), (number, chinese.to_string()))
    });
    sentences.collect()
}

/// How many values are to be filled in. A Chinese sentence may name them by their numbers.
fn placeholders(text: &str) -> usize {
    let after = text.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    after.filter(|(number, _)| number.chars().all(|c| c.is_ascii_digit())).count()
}

fn code(text: &str) -> Vec<&str> {
    let mut code: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
    code.sort_unstable();
    code
}
