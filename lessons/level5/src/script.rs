//! ELIZA's rules, and how they are applied: data in a text file, and two languages by one program.

use std::{collections::HashMap, sync::LazyLock};

use crate::tokens::{Word, tokens};

pub static ENGLISH: LazyLock<Script> =
    LazyLock::new(|| Script::read("English", " ", include_str!("eliza/english.txt")));

/// Chinese is written without spaces. In the file they show where a word ends.
pub static CHINESE: LazyLock<Script> =
    LazyLock::new(|| Script::read("Chinese", "", include_str!("eliza/chinese.txt")));

/// The rules of one language.
pub struct Script {
    pub name: &'static str,
    /// What stands between two words.
    between: &'static str,
    /// "I" becomes "you".
    reflections: HashMap<&'static str, &'static str>,
    /// The first that fits is taken.
    rules: Vec<Rule>,
    /// What to say when no rule fits.
    pub otherwise: Vec<&'static str>,
}

#[derive(Default)]
pub struct Rule {
    /// `i am` or `you * me`: the words to find, with anything around them and at each `*`.
    pub pattern: &'static str,
    /// Its words, between the stars: cut once, and not for every question.
    parts: Vec<Vec<Word>>,
    /// What to say, where `{1}` is what stood at the first `*` (at the end, if there is none).
    pub answers: Vec<&'static str>,
    /// What to say later, when nothing else is known.
    pub remember: Option<&'static str>,
}

impl Script {
    /// # Panics
    /// If a line is none of those that the header of the file explains.
    fn read(name: &'static str, between: &'static str, file: &'static str) -> Script {
        let (mut reflections, mut otherwise) = (HashMap::new(), Vec::new());
        let mut rules: Vec<Rule> = Vec::new();
        for line in file.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (what, text) = line.split_once(": ").expect("each line has a colon");
            match (what, rules.last_mut()) {
                ("turn", _) => {
                    reflections.extend(text.split_once(" = "));
                }
                ("otherwise", _) => otherwise.push(text),
                ("find", _) => {
                    let parts = text.split('*').map(tokens).collect();
                    rules.push(Rule { pattern: text, parts, ..Rule::default() });
                }
                ("say", Some(rule)) => rule.answers.push(text),
                ("later", Some(rule)) => rule.remember = Some(text),
                _ => panic!("{name} has a line that is not understood: {line}"),
            }
        }
        assert!(rules.iter().all(|rule| !rule.answers.is_empty()), "a rule with nothing to say");
        Script { name, between, reflections, rules, otherwise }
    }

    /// The first rule that fits, with what stood at its stars.
    pub fn find(&self, question: &str) -> Option<(&Rule, Vec<String>)> {
        // A sentence at a time, so that no answer runs on from one into the next.
        let ends = ['.', ',', ';', ':', '!', '?', '\n', '。', '，', '；', '：', '！', '？'];
        let clauses = question.split(ends).map(tokens).filter(|clause| !clause.is_empty());
        let clauses: Vec<_> = clauses.collect();
        let fits = |rule| clauses.iter().find_map(|clause| self.captures(rule, clause));
        self.rules.iter().find_map(|rule| Some((rule, fits(rule)?)))
    }

    fn captures(&self, rule: &Rule, clause: &[Word]) -> Option<Vec<String>> {
        let (mut captures, mut rest, mut first) = (Vec::new(), clause, true);
        for part in &rule.parts {
            let is_here = |at: &usize| {
                let words = &rest[*at..][..part.len()];
                words.iter().zip(part).all(|(word, due)| word.lowercase == due.lowercase)
            };
            let at = (0..=rest.len().checked_sub(part.len())?).find(is_here)?;
            if !first {
                captures.push(self.turn_around(&rest[..at]));
            }
            (rest, first) = (&rest[at + part.len()..], false);
        }
        captures.push(self.turn_around(rest));
        Some(captures)
    }

    fn turn_around(&self, words: &[Word]) -> String {
        let turned = words.iter().map(|word| {
            *self.reflections.get(word.lowercase.as_str()).unwrap_or(&word.text.as_str())
        });
        turned.collect::<Vec<_>>().join(" ")
    }

    /// An answer with its captures in place.
    pub fn fill(&self, answer: &str, captures: &[String]) -> String {
        let filled = (1..).zip(captures).fold(answer.to_string(), |answer, (i, capture)| {
            answer.replace(&format!("{{{i}}}"), capture)
        });
        // A capture may have been empty.
        let filled = filled.split_whitespace().collect::<Vec<_>>().join(" ");
        filled.replace(" ?", "?").replace(" .", ".").replace(" ,", ",")
    }

    /// An answer, cut into words. One after the other they are the text.
    pub fn words(&self, answer: &str) -> Vec<String> {
        let words: Vec<_> = answer.split(' ').collect();
        let last = words.len() - 1;
        let word = |(i, word): (usize, &&str)| {
            if i == last { word.to_string() } else { format!("{word}{}", self.between) }
        };
        words.iter().enumerate().map(word).collect()
    }
}
