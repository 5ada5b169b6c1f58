//! Panics of a learner's code are a part of the report, and not printed.

use std::{
    backtrace::Backtrace,
    cell::{Cell, RefCell},
    panic,
    path::Path,
};

use crate::project;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panic {
    pub message: String,
    /// `FILE:LINE:COLUMN`
    pub place: String,
    /// Where the learner's code is that led to it, if the panic is in other code.
    pub from: Option<String>,
}

impl Panic {
    pub fn is_todo(&self) -> bool {
        self.message.starts_with("not yet implemented")
    }

    /// Whether it happened in the learner's own code, and not in a library's.
    pub fn is_own(&self) -> bool {
        is_own(&self.place)
    }
}

fn is_own(place: &str) -> bool {
    !Path::new(place).is_absolute() && !place.starts_with("/rustc/")
}

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static PANIC: RefCell<Option<Panic>> = const { RefCell::new(None) };
}

/// From now on, panics on this thread are kept, until [`take`].
pub fn watch() {
    WATCHED.set(true);
    PANIC.take();
}

/// The first panic since [`watch`], which ends here.
pub fn take() -> Option<Panic> {
    WATCHED.set(false);
    PANIC.take()
}

/// From now on, a panic on a watched thread is kept, and not printed.
pub fn catch() {
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if !WATCHED.get() {
            return print(panic);
        }
        let payload = panic.payload();
        let message = payload.downcast_ref::<String>().map(String::as_str);
        let message = message.or(payload.downcast_ref().copied()).unwrap_or("(no message)");
        let place = panic.location().map_or("an unknown place".into(), ToString::to_string);
        let from = if is_own(&place) { None } else { learners_line() };
        PANIC.with_borrow_mut(|first| {
            first.get_or_insert(Panic { message: message.into(), place, from });
        });
    }));
}

/// The innermost place in an exercise among the callers.
fn learners_line() -> Option<String> {
    let trace = Backtrace::force_capture().to_string();
    let mut places = trace.lines().filter_map(|line| line.trim_start().strip_prefix("at "));
    places.find_map(|place| {
        let place = Path::new(place);
        let place = place.strip_prefix(project()).or_else(|_| place.strip_prefix("./"));
        let place = place.ok()?.to_str()?.trim_start_matches("./");
        let is_code = place.starts_with("lessons/") || place.starts_with("tests/exercise_checks/");
        is_code.then(|| place.to_string())
    })
}
