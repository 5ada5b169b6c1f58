//! What the tour and the judge of the exercises say, in the reader's language.
//!
//! English stands in the code, within `told!`, and Chinese in `zh.tsv` beside this file: a sentence
//! a line, English, a tab, Chinese, with `\n` for a line break. What is missing there is said in
//! English. `{}` is the next value, `{2}` the second.

use std::{collections::HashMap, env, fmt::Display, sync::OnceLock};

/// `told!("{} of {} solved", count, all)`: in the reader's language, as a `String`.
#[macro_export]
macro_rules! told {
    ($english:expr $(, $value:expr)* $(,)?) => {
        $crate::language::told($english, &[$(&$value),*])
    };
}

static WORDS: OnceLock<HashMap<String, String>> = OnceLock::new();

/// From now on, speaks the language that the environment asks for: Chinese if the first of `LC_ALL`,
/// `LC_MESSAGES` and `LANG` that says anything begins with `zh`. Before, and else, all is English.
pub fn choose() {
    let variables = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter();
    let mut said = variables.filter_map(|name| env::var(name).ok().filter(|it| !it.is_empty()));
    if said.next().is_some_and(|language| language.starts_with("zh")) {
        WORDS.get_or_init(|| read(include_str!("zh.tsv")));
    }
}

/// What `told!` calls.
pub fn told(english: &str, values: &[&dyn Display]) -> String {
    let words = WORDS.get().and_then(|words| words.get(english));
    fill(words.map_or(english, String::as_str), values)
}

fn read(table: &str) -> HashMap<String, String> {
    let sentences = table.lines().filter_map(|line| line.split_once('\t'));
    sentences.map(|(key, words)| (key.replace("\\n", "\n"), words.replace("\\n", "\n"))).collect()
}

/// As `format!` does, but for words that are known only when the program runs.
fn fill(words: &str, values: &[&dyn Display]) -> String {
    let mut parts = words.split('{');
    let mut filled = parts.next().unwrap_or_default().to_string();
    let mut next = 0;
    for part in parts {
        let Some((number, rest)) = part.split_once('}') else {
            // Not a placeholder: a brace of some code.
            filled = filled + "{" + part;
            continue;
        };
        let index = number.parse().map_or(next, |number: usize| number.saturating_sub(1));
        match values.get(index) {
            Some(value) if number.is_empty() || number.parse::<usize>().is_ok() => {
                filled = filled + &value.to_string() + rest;
                next += 1;
            }
            _ => filled = filled + "{" + part,
        }
    }
    filled
}
