//! Checks the checks of this level's exercises, as `tests/exercise_checks` does for Levels 1 to 4:
//!
//!     cargo test -p level7 --features maintainer

#[macro_use]
extern crate support;

mod right;
#[path = "../exercises.rs"]
mod table;
mod wrong;

use support::judge::variants;
use table::{exercises, solutions};

#[test]
fn every_starter_is_pending() {
    variants::assert_pending(&exercises());
}

#[test]
fn every_header_names_its_binary_its_check_and_how_to_start_over() {
    variants::assert_headers(&exercises(), "-p level7 ");
}

#[test]
fn every_solution_passes() {
    variants::assert_solved(&exercises(), &solutions());
}

#[test]
fn every_exercise_has_scenes_that_its_header_does_not_show() {
    variants::assert_more_is_played(&exercises());
}
