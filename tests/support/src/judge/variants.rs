//! The judge is judged: starters are pending, solutions pass, wrong variants fail for their own
//! reason, and unusual right ones pass. This concerns those who maintain the course.
//!
//! A test that does so has the exercises in its `mod table`, where `mistakes!` and `right!` look.

use std::{env, sync::Once};

use super::{Exercise, Subject, check, panics, scenes::scenes, source};

/// `mistakes! { EXERCISE, WRAP: FUNCTION => WHAT ITS MESSAGE MUST SAY, … }`
#[macro_export]
#[allow(clippy::crate_in_macro_def, reason = "the table is that of the caller")]
macro_rules! mistakes {
    ($exercise:ident, $wrap:ident: $($mistake:ident => $reason:literal,)*) => {
        #[test]
        fn mistakes_fail_for_their_own_reason() {
            let code = include_str!(concat!(stringify!($exercise), ".rs"));
            let exercises = crate::table::exercises();
            $crate::judge::variants::assert_fail(&exercises, stringify!($exercise), code, vec![
                $((stringify!($mistake), $reason, $crate::subject!($wrap, $mistake)),)*
            ]);
        }
    };
}

/// `right! { EXERCISE, WRAP: FUNCTION, … }`: unusual solutions, which are right all the same.
#[macro_export]
#[allow(clippy::crate_in_macro_def, reason = "the table is that of the caller")]
macro_rules! right {
    ($exercise:ident, $wrap:ident: $($solution:ident,)*) => {
        #[test]
        fn what_is_unusual_and_right_passes() {
            let code = include_str!(concat!(stringify!($exercise), ".rs"));
            let exercises = crate::table::exercises();
            $crate::judge::variants::assert_pass(&exercises, stringify!($exercise), code, vec![
                $((stringify!($solution), $crate::subject!($wrap, $solution)),)*
            ]);
        }
    };
}

pub fn exercise(exercises: &[Exercise], name: &str) -> Exercise {
    let found = exercises.iter().find(|exercise| exercise.name.ends_with(name));
    found.unwrap_or_else(|| panic!("there is no exercise {name}")).clone()
}

pub fn catch_panics() {
    static HOOK: Once = Once::new();
    HOOK.call_once(panics::catch);
}

/// What is said of `subject`, whose code is `code`, as a solution of `exercise`.
pub fn message(exercise: &Exercise, subject: &Subject, code: &str) -> String {
    catch_panics();
    let header = exercise.source.lines().filter(|line| line.starts_with("//!"));
    let source = header.collect::<Vec<_>>().join("\n") + "\n" + code;
    let exercise = Exercise { source: source.leak(), ..exercise.clone() };
    check(&exercise, subject).err().unwrap_or_default()
}

pub fn assert_fail(
    exercises: &[Exercise],
    name: &str,
    code: &str,
    mistakes: Vec<(&str, &str, Subject)>,
) {
    let exercise = exercise(exercises, name);
    let mut complaints = String::new();
    for (mistake, reason, subject) in mistakes {
        let message = message(&exercise, &subject, function(code, mistake));
        if env::var_os("SHOW").is_some() {
            println!("----- {mistake}\n{message}\n");
        }
        if message.is_empty() {
            complaints += &format!("{mistake} passes, but should fail with: {reason}\n\n");
        }
        for part in [exercise.file, "due", reason] {
            if !message.is_empty() && !message.contains(part) {
                complaints += &format!("{mistake}: {part:?} is not in:\n{message}\n\n");
            }
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
}

pub fn assert_pass(
    exercises: &[Exercise],
    name: &str,
    code: &str,
    solutions: Vec<(&str, Subject)>,
) {
    let exercise = exercise(exercises, name);
    let mut complaints = String::new();
    for (solution, subject) in solutions {
        let message = message(&exercise, &subject, function(code, solution));
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

/// Each starter has its `todo!`, and is not right already.
pub fn assert_pending(exercises: &[Exercise]) {
    catch_panics();
    for exercise in exercises {
        assert!(source::is_pending(exercise.source), "{} has no todo!", exercise.file);
        assert!(!check::is_right_but_its_todo(exercise), "{} is a starter", exercise.name);
    }
}

/// Each header has what every header has. `package` is what cargo needs to hear, such as
/// `-p level5 `, or nothing.
pub fn assert_headers(exercises: &[Exercise], package: &str) {
    for Exercise { name, file, source, .. } in exercises {
        let (level, short) = name.split_once("::").expect("a level and a name");
        let parts = [
            format!("cargo run {package}--bin {level}_exercises_{short}\n"),
            format!("cargo test {package}--test exercises {short} "),
            "The judge also plays other".into(),
            "//! Hint: ".into(),
            format!("//! Start over: git restore {file}\n"),
        ];
        let header = source.replace("\n//! ", " ");
        for part in parts {
            let found = source.contains(part.trim_end()) || header.contains(&part);
            assert!(found, "{file}: {part}");
        }
    }
}

pub fn assert_solved(exercises: &[Exercise], solutions: &[(&str, Subject)]) {
    assert_eq!(solutions.len(), exercises.len());
    let messages =
        solutions.iter().map(|(name, solution)| message(&exercise(exercises, name), solution, ""));
    let messages: String = messages.collect();
    assert!(messages.is_empty(), "{messages}");
}

/// Each exercise is judged by more than its header shows.
pub fn assert_more_is_played(exercises: &[Exercise]) {
    for Exercise { source, more, file, .. } in exercises {
        let scenes = scenes(source, more).expect("they can be read");
        let hidden: Vec<_> = scenes.iter().filter(|scene| !scene.shown).collect();
        assert!(hidden.len() >= 4, "{file}");
        assert!(hidden.iter().all(|scene| scene.title.ends_with(':')), "{file}");
        assert!(hidden.iter().any(|scene| scene.connections.len() > 1), "{file}");
    }
}
