//! The judge of the exercises.
//!
//! An exercise with its `todo!` still there is *ignored*. Without it, it is *ok* or *FAILED*.
//! `lessons/level*/exercises` holds all that you need to change; there is nothing to do here.
//!
//! | file | what it holds |
//! |---|---|
//! | `due.rs` | reading the transcript in an exercise's header |
//! | `play.rs` | the connection in memory and in virtual time |
//! | `check.rs` | a thread for each check, which comes to an end whatever the code does |
//! | `words.rs` | what a learner is told |
//! | `progress.rs` | how many are solved, in all levels |

pub mod check;
pub mod due;
pub mod play;
pub mod progress;
mod words;

use std::{env, sync::Mutex, sync::PoisonError};

use libtest_mimic::{Arguments, Conclusion, Failed, Trial};

pub use check::{Exercise, check};
pub use play::{Subject, bare, client, served};
use progress::Progress;

/// Declares the exercises of some levels, each as `NAME: bare(FUNCTION)`, `served(FUNCTION)` or
/// `client(FUNCTION)`, and their solutions, with the folders in which they are.
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
                file: concat!("lessons/", $exercises, "/", stringify!($name), ".rs"),
                source: include_str!(concat!($exercises, "/", stringify!($name), ".rs")),
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
    let arguments = Arguments::from_args();
    check::catch_panics();
    let progress = &*Box::leak(Box::new(Mutex::new(Progress::new(exercises.clone()))));

    let mut trials: Vec<Trial> = exercises.into_iter().map(|it| trial(it, progress)).collect();
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
    // Also ends the threads of code that spins for ever.
    conclusion.exit();
}

fn trial(exercise: Exercise, progress: &'static Mutex<Progress>) -> Trial {
    let pending = due::is_pending(exercise.source);
    let trial = Trial::test(exercise.name.clone(), move || {
        let verdict = check(&exercise, &exercise.subject);
        let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.verdict(&exercise.name, verdict.is_ok());
        verdict.map_err(Failed::from)
    });
    trial.with_ignored_flag(pending)
}

/// Under nextest: prints the summary, and asserts that the tour can read it.
fn summary_as_a_trial(progress: &Mutex<Progress>) -> Result<(), Failed> {
    let summary = progress.lock().unwrap_or_else(PoisonError::into_inner).summary();
    println!("{summary}");
    let read = progress::last_summary();
    if read.as_deref() == Some(&*summary) { Ok(()) } else { Err(format!("read: {read:?}").into()) }
}
