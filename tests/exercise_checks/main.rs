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
extern crate support;

mod judge_itself;
mod real_clock;
mod right;
#[path = "../../lessons/exercises.rs"]
mod table;
mod todo_left;
mod wrong;

use support::judge::{
    Exercise, Subject,
    check::{self, check},
    source, variants,
};
use table::{exercises, solutions};

fn exercise(name: &str) -> Exercise {
    variants::exercise(&exercises(), name)
}

fn message(name: &str, subject: &Subject, code: &str) -> String {
    variants::message(&exercise(name), subject, code)
}

#[test]
fn every_starter_is_pending() {
    variants::assert_pending(&exercises());
    let tour = include_str!("../../tour/progress.rs");
    assert!(tour.contains(&format!("FIRST_EXERCISE: &str = {:?};", exercises()[0].file)));
}

#[test]
fn a_solution_with_its_todo_left_behind_is_known() {
    variants::catch_panics();
    for (name, subject) in todo_left::all() {
        let left = Exercise { subject, ..exercise(name) };
        assert!(check::is_right_but_its_todo(&left), "{name}");
    }
}

#[test]
fn every_header_names_its_binary_its_check_and_how_to_start_over() {
    variants::assert_headers(&exercises(), "");
}

#[test]
fn every_solution_passes() {
    variants::assert_solved(&exercises(), &solutions());
}

#[test]
fn every_exercise_has_scenes_that_its_header_does_not_show() {
    variants::assert_more_is_played(&exercises());
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
