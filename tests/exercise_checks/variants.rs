//! Runs the variants of an exercise: wrong ones must fail, right ones must pass.

use std::{env, sync::Once};

use support::judge::{Exercise, Subject, check, panics};

use crate::table::exercises;

/// `mistakes! { EXERCISE, WRAP: FUNCTION => WHAT ITS MESSAGE MUST SAY, … }`
macro_rules! mistakes {
    ($exercise:ident, $wrap:ident: $($mistake:ident => $reason:literal,)*) => {
        #[test]
        fn mistakes_fail_for_their_own_reason() {
            let code = include_str!(concat!(stringify!($exercise), ".rs"));
            crate::variants::assert_fail(stringify!($exercise), code, vec![
                $((stringify!($mistake), $reason, support::subject!($wrap, $mistake)),)*
            ]);
        }
    };
}

/// `right! { EXERCISE, WRAP: FUNCTION, … }`: unusual solutions, which are right all the same.
macro_rules! right {
    ($exercise:ident, $wrap:ident: $($solution:ident,)*) => {
        #[test]
        fn what_is_unusual_and_right_passes() {
            let code = include_str!(concat!(stringify!($exercise), ".rs"));
            crate::variants::assert_pass(stringify!($exercise), code, vec![
                $((stringify!($solution), support::subject!($wrap, $solution)),)*
            ]);
        }
    };
}

pub fn exercise(name: &str) -> Exercise {
    let found = exercises().into_iter().find(|exercise| exercise.name.ends_with(name));
    found.unwrap_or_else(|| panic!("there is no exercise {name}"))
}

pub fn catch_panics() {
    static HOOK: Once = Once::new();
    HOOK.call_once(panics::catch);
}

/// What is said of `subject`, whose code is `code`, as a solution of the exercise `name`.
pub fn message(name: &str, subject: &Subject, code: &str) -> String {
    catch_panics();
    let exercise = exercise(name);
    let header = exercise.source.lines().filter(|line| line.starts_with("//!"));
    let source = header.collect::<Vec<_>>().join("\n") + "\n" + code;
    let exercise = Exercise { source: source.leak(), ..exercise };
    check(&exercise, subject).err().unwrap_or_default()
}

pub fn assert_fail(name: &str, code: &str, mistakes: Vec<(&str, &str, Subject)>) {
    let mut complaints = String::new();
    for (mistake, reason, subject) in mistakes {
        let message = message(name, &subject, function(code, mistake));
        if env::var_os("SHOW").is_some() {
            println!("----- {mistake}\n{message}\n");
        }
        if message.is_empty() {
            complaints += &format!("{mistake} passes, but should fail with: {reason}\n\n");
        }
        for part in [exercise(name).file, "due", reason] {
            if !message.is_empty() && !message.contains(part) {
                complaints += &format!("{mistake}: {part:?} is not in:\n{message}\n\n");
            }
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
}

pub fn assert_pass(name: &str, code: &str, solutions: Vec<(&str, Subject)>) {
    let mut complaints = String::new();
    for (solution, subject) in solutions {
        let message = message(name, &subject, function(code, solution));
        if !message.is_empty() {
            complaints += &format!("{solution} is right, and fails:\n{message}\n\n");
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
}

/// The function `name` in a file of variants.
fn function<'a>(code: &'a str, name: &str) -> &'a str {
    let start = code.find(&format!("fn {name}")).expect("the variant is in its file");
    let end = code[start..].find("\n}\n").map_or(code.len(), |length| start + length);
    &code[start..end]
}
