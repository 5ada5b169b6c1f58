//! Checks the checks of the exercises: starters are pending, solutions pass, unusual ones too, and
//! mistakes that people really make fail, each for its own reason.
//!
//! Two files for each exercise: what is `wrong`, with what its message must say, and what is unusual
//! and `right`. This concerns those who maintain the course. It runs where that is done,
//!
//!     cargo test --features maintainer
//!
//! and not in a learner's `cargo test`: there a starter may well be solved.

#[macro_use]
mod variants;

mod judge_itself;
mod real_clock;
mod right;
#[path = "../../lessons/exercises.rs"]
mod table;
mod todo_left;
mod wrong;

use support::judge::{
    Exercise,
    check::{self, check},
    scenes::scenes,
    source,
};
use table::{exercises, solutions};
use variants::{exercise, message};

#[test]
fn every_starter_is_pending() {
    for exercise in exercises() {
        assert!(source::is_pending(exercise.source), "{} has no todo!", exercise.file);
    }
    let tour = include_str!("../../tour/progress.rs");
    assert!(tour.contains(&format!("FIRST_EXERCISE: &str = {:?};", exercises()[0].file)));
}

#[test]
fn a_solution_with_its_todo_left_behind_is_known_and_a_starter_is_none() {
    variants::catch_panics();
    for exercise in exercises() {
        assert!(!check::is_right_but_its_todo(&exercise), "{} is a starter", exercise.name);
    }
    for (name, subject) in todo_left::all() {
        let left = Exercise { subject, ..exercise(name) };
        assert!(check::is_right_but_its_todo(&left), "{name}");
    }
}

#[test]
fn every_header_names_its_binary_its_check_and_how_to_start_over() {
    for Exercise { name, file, source, .. } in exercises() {
        let (level, short) = name.split_once("::").expect("a level and a name");
        let parts = [
            format!("cargo run --bin {level}_exercises_{short}\n"),
            format!("cargo test --test exercises {short} "),
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

#[test]
fn every_solution_passes() {
    let solutions = solutions();
    assert_eq!(solutions.len(), exercises().len());
    let messages = solutions.iter().map(|(name, solution)| message(name, solution, ""));
    let messages: String = messages.collect();
    assert!(messages.is_empty(), "{messages}");
}

#[test]
fn every_exercise_has_scenes_that_its_header_does_not_show() {
    for Exercise { source, more, file, .. } in exercises() {
        let scenes = scenes(source, more).expect("they can be read");
        let hidden: Vec<_> = scenes.iter().filter(|scene| !scene.shown).collect();
        assert!(hidden.len() >= 4, "{file}");
        assert!(hidden.iter().all(|scene| scene.title.ends_with(':')), "{file}");
        assert!(hidden.iter().any(|scene| scene.connections.len() > 1), "{file}");
    }
}

#[test]
fn a_todo_in_a_comment_is_no_gap() {
    assert!(source::is_pending("fn f() { todo!(\"…\") }"));
    assert!(source::is_pending("// done\nfn f() { /* now */ todo!() } // yes"));
    assert!(!source::is_pending("fn f() {} // todo!(\"…\")\n/* todo!() */"));
}

#[test]
fn a_damaged_header_is_called_so() {
    let good = exercise("typewriter");
    let damages = [
        (good.source.replace(" ms  server  \"眠\"", " ms server \"眠\""), "line 16 cannot be read"),
        (
            good.source.replace("200 ms  server  \"眠\"", "9200 ms  server  \"眠\""),
            "line 17 is earlier",
        ),
        (good.source.replace(" ms  ", "  "), "there is none"),
    ];
    for (source, what) in damages {
        let damaged = Exercise { source: source.leak(), ..good.clone() };
        let message = check(&damaged, &damaged.subject).expect_err("it is damaged");
        assert!(message.contains(what), "{message}");
        assert!(message.contains(&format!("git restore {}", good.file)), "{message}");
    }
}
