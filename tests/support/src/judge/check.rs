//! Checks one exercise, on a thread of its own: whatever the code does, the check comes to an end.

use std::{
    cell::{Cell, RefCell},
    panic,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use tokio::runtime::Builder;

use super::{
    due::{Line, transcripts},
    play::{Played, Record, Seen, Stop, Subject, play},
    words,
};

/// How long a check may take, in real time. In virtual time it takes some milliseconds.
pub const LIMIT: Duration = Duration::from_secs(5);

#[derive(Clone)]
pub struct Exercise {
    /// `level2::typewriter`
    pub name: String,
    /// `lessons/level2/exercises/typewriter.rs`
    pub file: &'static str,
    pub source: &'static str,
    pub subject: Subject,
}

/// A transcript that has been played, as it was due and as it came.
pub struct Report<'a> {
    pub due: &'a [Line],
    pub seen: Seen,
    /// `None`: it never came to an end.
    pub played: Option<Played>,
    /// The message and the place of a panic.
    pub panic: Option<String>,
    /// How long it took, in real time.
    pub took: Duration,
}

impl Report<'_> {
    pub fn stop(&self) -> Option<Stop> {
        self.played.as_ref().map(|played| played.stop)
    }
}

/// Checks `subject` against what the exercise's header says is due. The error is for the learner.
pub fn check(exercise: &Exercise, subject: &Subject) -> Result<(), String> {
    let file = exercise.file;
    let transcripts = transcripts(exercise.source).map_err(|what| words::damaged(file, &what))?;
    let record = Record::default();
    let (sender, verdict) = mpsc::channel();
    thread::spawn({
        let (transcripts, subject, record) = (transcripts.clone(), subject.clone(), record.clone());
        move || {
            let mut verdicts = (0..transcripts.len()).map(|index| {
                let report = run(&transcripts[index], index, &subject, &record);
                words::verdict(&report).map_err(|words| (index, words))
            });
            // Nobody listens any more when the limit is over.
            let _ = sender.send(verdicts.try_for_each(|verdict| verdict));
        }
    });
    let verdict = match verdict.recv_timeout(LIMIT) {
        Ok(verdict) => verdict,
        // The thread is left behind: none can be ended from outside. The end of the process ends it.
        Err(RecvTimeoutError::Timeout) => {
            let seen = record.seen().clone();
            let (due, index) = (&transcripts[seen.index][..], seen.index);
            let report = Report { due, seen, played: None, panic: None, took: LIMIT };
            words::verdict(&report).map_err(|words| (index, words))
        }
        Err(RecvTimeoutError::Disconnected) => Err((0, "The check itself panicked.".into())),
    };
    verdict.map_err(|(index, words)| match transcripts.len() {
        1 => format!("{file}\n\n{words}"),
        count => format!("{file}, transcript {} of {count}\n\n{words}", index + 1),
    })
}

fn run<'a>(due: &'a [Line], index: usize, subject: &Subject, record: &Record) -> Report<'a> {
    *record.seen() = Seen { index, ..Seen::default() };
    WATCHED.set(true);
    PANIC.take();
    let start = Instant::now();
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime without input and output needs nothing");
    let played = runtime.block_on(play(subject, due, record));
    // Not a drop, which would wait for what the code may have given to other threads.
    runtime.shutdown_background();
    let seen = record.seen().clone();
    Report { due, seen, played: Some(played), panic: PANIC.take(), took: start.elapsed() }
}

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// From now on, a panic of a learner's code is a part of the report, and not printed.
pub fn catch_panics() {
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if !WATCHED.get() {
            return print(panic);
        }
        let payload = panic.payload();
        let message = payload.downcast_ref::<String>().map(String::as_str);
        let message = message.or(payload.downcast_ref().copied()).unwrap_or("(no message)");
        let place = panic.location().map_or("an unknown place".into(), ToString::to_string);
        PANIC.set(Some(format!("{place}: {message}")));
    }));
}
