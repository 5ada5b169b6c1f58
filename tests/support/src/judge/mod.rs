//! The judge of the exercises.
//!
//! An exercise with its `todo!` still there is *ignored*. Without it, it is *ok* or *FAILED*.
//! `lessons/level*/exercises` holds all that you need to change; there is nothing to do here.
//!
//! | file | what it holds |
//! |---|---|
//! | `due.rs` | the lines of a transcript |
//! | `scenes.rs` | reading the transcripts in an exercise's header, and those in `exercises/more` |
//! | `source.rs` | what a look into the code tells |
//! | `subject.rs` | the learner's code, ready to be run |
//! | `play.rs`, `gate.rs`, `record.rs` | the connection in memory, and what is seen of it |
//! | `check.rs`, `panics.rs` | all scenes, in virtual time, to an end whatever the code does |
//! | `child.rs` | a process for each check, which may die |
//! | `diagnosis.rs`, `kinds.rs`, `texts.rs` | what is wrong |
//! | `words.rs`, `table.rs` | what a learner is told |
//! | `variants.rs` | the judge is judged, for the maintainers |
//! | `progress.rs` | how many are solved, in all levels |

pub mod check;
pub mod child;
mod diagnosis;
pub mod due;
mod gate;
mod kinds;
pub mod panics;
pub mod play;
pub mod progress;
mod record;
pub mod scenes;
pub mod source;
pub mod subject;
mod table;
mod texts;
pub mod variants;
mod words;

use std::{
    env,
    sync::{Mutex, PoisonError},
    thread,
};

use libtest_mimic::{Arguments, Conclusion, Failed, Trial};

use crate::language;
pub use check::{Exercise, check};
use progress::Progress;
pub use subject::{Subject, bare, client, dialing, served};

/// Declares the exercises of some levels, each as `NAME: bare(FUNCTION)`, `served(FUNCTION)`,
/// `client(FUNCTION)` or `dialing(FUNCTION)`, and their solutions, with the folders in which they are.
///
/// Makes two functions, `exercises()` and (for the maintainers) `solutions()`.
#[macro_export]
macro_rules! exercises {
    ($($level:ident: $exercises:literal, $solutions:literal {
        $($name:ident: $wrap:ident($function:ident),)*
    })*) => {
        $(
            #[path = $exercises]
            mod $level {
                $(#[allow(dead_code, reason = "its main is not called here")] pub mod $name;)*
            }
        )*

        /// The exercises, in the order in which they are meant to be solved.
        pub fn exercises() -> Vec<$crate::judge::Exercise> {
            vec![$($($crate::judge::Exercise {
                name: concat!(stringify!($level), "::", stringify!($name)).into(),
                file: concat!("lessons/", stringify!($level), "/exercises/", stringify!($name), ".rs"),
                source: include_str!(concat!($exercises, "/", stringify!($name), ".rs")),
                more: include_str!(concat!($exercises, "/more/", stringify!($name), ".txt")),
                subject: $crate::subject!($wrap, $level::$name::$function),
            },)*)*]
        }

        #[cfg(feature = "maintainer")]
        #[path = "."]
        mod solutions {
            $(
                #[path = $solutions]
                pub mod $level { $(pub mod $name;)* }
            )*
        }

        /// A solution for each of them.
        #[cfg(feature = "maintainer")]
        #[allow(dead_code, reason = "only the check of the checks wants them")]
        pub fn solutions() -> Vec<(&'static str, $crate::judge::Subject)> {
            vec![$($((
                stringify!($name),
                $crate::subject!($wrap, solutions::$level::$name::$function),
            ),)*)*]
        }
    };
}

/// `bare(FUNCTION)` and so on. (A client's function borrows its socket, so its future is boxed.)
#[macro_export]
macro_rules! subject {
    (client, $function:path) => {
        $crate::judge::client(|socket| Box::pin($function(socket)))
    };
    ($wrap:ident, $function:path) => {
        $crate::judge::$wrap($function)
    };
}

/// The `main` of a judge: `cargo test --test exercises`.
pub fn judge(exercises: Vec<Exercise>) {
    language::choose();
    panics::catch();
    if let Some(name) = child::asked() {
        answer(&exercises, &name);
    }
    let arguments = Arguments::from_args();
    let progress = &*Box::leak(Box::new(Mutex::new(Progress::new(exercises.clone()))));

    let states = thread::scope(|scope| {
        let states: Vec<_> =
            exercises.iter().map(|it| scope.spawn(|| state(it, &arguments))).collect();
        let states = states.into_iter().map(|it| it.join().unwrap_or(State::Begun));
        states.collect::<Vec<State>>()
    });
    let trials = exercises.into_iter().zip(states).map(|(it, state)| trial(it, state, progress));
    let mut trials: Vec<Trial> = trials.collect();
    // There each trial is a process of its own, so that one of them has to see them all.
    let nextest = env::var_os("NEXTEST").is_some();
    if nextest {
        trials.push(Trial::test("summary", move || summary_as_a_trial(progress)));
    }

    let conclusion: Conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list && !nextest {
        let summary = progress.lock().unwrap_or_else(PoisonError::into_inner).summary();
        println!("{summary}\n");
    }
    conclusion.exit();
}

/// How far an exercise has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Its `todo!` is still there.
    Pending,
    /// Its `todo!` is still there, but all else is right.
    TodoLeft,
    Begun,
}

fn state(exercise: &Exercise, arguments: &Arguments) -> State {
    // With `--ignored`, which is how nextest asks for a list, the others are filtered out.
    let trial = Trial::test(exercise.name.clone(), || Ok(()));
    let trial = trial.with_ignored_flag(arguments.ignored);
    match () {
        () if !source::is_pending(exercise.source) => State::Begun,
        () if arguments.is_filtered_out(&trial) => State::Pending,
        () if child::is_right(&exercise.name, &[]) => State::TodoLeft,
        () => State::Pending,
    }
}

/// What a child does: it checks one exercise.
fn answer(exercises: &[Exercise], name: &str) -> ! {
    let exercise = exercises.iter().find(|it| it.name == name).expect("the judge knows its own");
    child::answer(&match source::is_pending(exercise.source) {
        true if check::is_right_but_its_todo(exercise) => Ok(()),
        true => Err(String::new()),
        false => check(exercise, &exercise.subject),
    })
}

fn trial(exercise: Exercise, state: State, progress: &'static Mutex<Progress>) -> Trial {
    let trial = Trial::test(exercise.name.clone(), move || {
        let verdict = match state {
            State::TodoLeft => Err(words::todo_left(exercise.file)),
            _ => child::ask(&exercise.name, exercise.file, &[]),
        };
        let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.verdict(&exercise.name, verdict.is_ok());
        verdict.map_err(Failed::from)
    });
    trial.with_ignored_flag(state == State::Pending)
}

/// Under nextest: prints the summary, and asserts that the tour can read it.
fn summary_as_a_trial(progress: &Mutex<Progress>) -> Result<(), Failed> {
    let summary = progress.lock().unwrap_or_else(PoisonError::into_inner).summary();
    println!("{summary}");
    let read = progress::last_summary();
    if read.as_deref() == Some(&*summary) { Ok(()) } else { Err(format!("read: {read:?}").into()) }
}
