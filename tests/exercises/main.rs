//! The judge of the exercises: `cargo test`, or `cargo test level2` for those of one level.
//!
//! An exercise with its `todo!` still there is *ignored*. Without it, it is *ok* or *FAILED*.
//! `lessons/level*/exercises` holds all that you need to change; there is nothing to do here.
//!
//! | file | what it holds |
//! |---|---|
//! | `list.rs` | the exercises |
//! | `due.rs` | reading the transcript in an exercise's header |
//! | `play.rs` | the connection in memory and in virtual time |
//! | `check.rs` | a thread for each check, which comes to an end whatever the code does |
//! | `words.rs` | what a learner is told |

mod check;
mod due;
mod list;
mod play;
#[path = "../support/transcript.rs"]
#[expect(dead_code, reason = "only its format is used here")]
mod transcript;
mod words;

use std::{
    collections::HashMap,
    env, fs,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use check::{Exercise, check};
use libtest_mimic::{Arguments, Conclusion, Failed, Trial};

/// Which exercises are solved, by their names, as far as that is known.
type Verdicts = Arc<Mutex<HashMap<String, bool>>>;

fn main() {
    let arguments = Arguments::from_args();
    check::catch_panics();
    let exercises = list::exercises();
    let verdicts = Verdicts::default();

    let mut trials: Vec<Trial> = exercises.iter().map(|it| trial(it, &verdicts)).collect();
    // There each trial is a process of its own, so that one of them has to see them all.
    let nextest = env::var_os("NEXTEST").is_some();
    if nextest {
        trials.push(Trial::test("summary", summary_as_a_trial));
    }

    let conclusion: Conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list && !nextest {
        let summary = summary(&exercises, &verdicts);
        println!("{summary}\n");
        if let Err(error) = leave_for_the_tour(&summary) {
            eprintln!("the tour will not know of it: {error}");
        }
    }
    // Also ends the threads of code that spins for ever.
    conclusion.exit();
}

fn trial(exercise: &Exercise, verdicts: &Verdicts) -> Trial {
    let (exercise, verdicts) = (exercise.clone(), verdicts.clone());
    let pending = due::is_pending(exercise.source);
    let trial = Trial::test(exercise.name.clone(), move || {
        let verdict = check(&exercise, &exercise.subject);
        let mut verdicts = verdicts.lock().unwrap_or_else(PoisonError::into_inner);
        verdicts.insert(exercise.name, verdict.is_ok());
        verdict.map_err(Failed::from)
    });
    trial.with_ignored_flag(pending)
}

/// Counts all exercises, also those that a filter has left out: their checks are run now.
fn summary(exercises: &[Exercise], verdicts: &Verdicts) -> String {
    let verdicts = verdicts.lock().unwrap_or_else(PoisonError::into_inner);
    let is_solved = |exercise: &&Exercise| {
        !due::is_pending(exercise.source)
            && verdicts
                .get(&exercise.name)
                .copied()
                .unwrap_or_else(|| check(exercise, &exercise.subject).is_ok())
    };
    let (solved, open): (Vec<_>, Vec<_>) = exercises.iter().partition(is_solved);
    let (solved, all) = (solved.len(), exercises.len());
    match open.first() {
        Some(next) => format!("exercises: {solved} of {all} solved, next: {}", next.file),
        None => format!("exercises: all {all} solved. Congratulations!"),
    }
}

/// Under nextest: prints the summary, and asserts that the tour can read it.
fn summary_as_a_trial() -> Result<(), Failed> {
    let summary = summary(&list::exercises(), &Verdicts::default());
    println!("{summary}");
    leave_for_the_tour(&summary)?;
    let read = websocket_streaming::progress::last_summary();
    if read.as_deref() == Some(&*summary) { Ok(()) } else { Err(format!("read: {read:?}").into()) }
}

/// The last words of `cargo run` are this summary.
fn leave_for_the_tour(summary: &str) -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(folder)?;
    fs::write(folder.join("exercises.txt"), summary)
}
