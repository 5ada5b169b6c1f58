//! What a learner is told: a diagnosis in words.

use std::time::Duration;

use super::{
    check::{Clock, LIMIT, Report},
    diagnosis::{Diagnosis, diagnose, first_difference},
    due::{FLOOD, Line, Who},
    panics::Panic,
    play::{GRACE, PATIENCE, Stop},
    scenes::Scene,
    source,
    subject::Outcome,
    table::{shortened, table},
};

/// The header of `file` has no transcripts that can be read.
pub fn damaged(file: &str, what: &str) -> String {
    told!(
        "{}\n\nThe transcript in the header is damaged: {}.\nThe check reads there what is \
         due. `git diff {}` shows what has changed; `git restore {}` starts the whole \
         exercise over.",
        file,
        what,
        file,
        file
    )
}

/// All is right but the `todo!`.
pub fn todo_left(file: &str) -> String {
    told!(
        "{}\n\nYour code does all that is due, but its `todo!` is still there. Take it out.",
        file
    )
}

pub fn pongs_by_hand(file: &str) -> String {
    told!(
        "{}\n\nAll that is due has come, but your code sends a `Message::Pong` by hand. \
         Tungstenite answers each ping by itself, as soon as you read or write again.",
        file
    )
}

/// Whether a transcript came out as it should, and if not, why.
pub fn verdict(report: &Report) -> Result<(), String> {
    let Some(diagnosis) = diagnose(report) else { return Ok(()) };
    let mut words = words(&diagnosis, report);
    if report.stop() == Some(Stop::Flood) {
        words += &told!("\nMore and more came, until the check stopped reading.");
    }
    if let Some(Outcome::Failed(error)) = report.outcome() {
        words += &told!("\nYour function returned an error: {}", brief(error));
    }
    if let Some(hint) = hint(&diagnosis, report) {
        words += &format!("\n{hint}");
    }
    let table = table(report.due, &report.own, first_difference(report));
    Err(format!("{table}\n{words}"))
}

/// The words, with the file, and what the learner must know of a scene that no header shows.
pub fn in_its_scene(file: &str, scene: &Scene, index: usize, words: &str) -> String {
    let which = match (scene.connections.len(), index) {
        (1, _) => String::new(),
        (_, 0) => told!("(This is the first of them.)\n"),
        (2, _) => told!("(This is the second of them.)\n"),
        (_, _) => told!("(This is a later one of them.)\n"),
    };
    match scene.shown {
        true => format!("{file}{}\n{which}\n{words}", scene.title),
        false => told!(
            "{}\n\nThe header's clients get what is due. The judge also plays others, and this \
             one does not:\n{}\n{}\n{}",
            file,
            scene.title,
            which,
            words
        ),
    }
}

fn words(diagnosis: &Diagnosis, report: &Report) -> String {
    let (grace, patience) = (GRACE.as_millis(), thousands(PATIENCE));
    match diagnosis {
        Diagnosis::Panicked(panic) => panicked(panic),
        Diagnosis::KeepsItsThread => told!(
            "Your code kept its thread for {} s of real time, and nothing else could run. A loop \
             that never waits does that: one without an `.await`, or one whose `.await`s are ready \
             at once, such as `next()` after the end, which is `None` for ever. So does \
             `std::thread::sleep`, or another blocking call.",
            LIMIT.as_secs()
        ),
        Diagnosis::NeverWaits => told!(
            "Your code was still busy after {} s of real time, without ever waiting for anything. \
             Is there a loop that neither ends nor waits?",
            LIMIT.as_secs()
        ),
        Diagnosis::TookTheWholeFlood => told!(
            "Your code took all {} sentences, while it still worked on the first. If it keeps \
             them, a client can fill the memory; if not, they are lost. Do not read on while 16 wait.",
            FLOOD
        ),
        Diagnosis::KeptItsThread(busy) => told!(
            "Your code kept its thread for {} ms of real time, and meanwhile nothing else could \
             run, not even the clock of this check. That is what `std::thread::sleep` does, or \
             another blocking call. Wait with `.await`.",
            thousands(*busy)
        ),

        Diagnosis::DroppedBeforeTheirClose => told!(
            "The Close frame went out, but the connection was \
             dropped before the other side's Close frame had come."
        ),
        Diagnosis::DroppedInsteadOfTheAnswer { due } => told!(
            "The connection was dropped without a Close frame; due was: {} {}.\nThe answer to a \
             close is only queued when you read it. It leaves with the next read or flush.",
            due.who,
            due.what
        ),
        Diagnosis::Dropped { due } => told!(
            "The connection was dropped without a Close frame; due was: {} {}.\nA socket that is \
             dropped says nothing.",
            due.who,
            due.what
        ),
        Diagnosis::BrokeTheProtocol(error) => told!("Your side broke the protocol: {}.", error),

        Diagnosis::Early { by } => {
            told!("The right line, but {} ms too early.", thousands(*by))
        }
        Diagnosis::EarlyByAnotherThread { by } => told!(
            "The right line, but {} ms too early.\nIt waited on another thread, where the clock of \
             this check has no power. That leaves the runtime free, but it costs a thread for each \
             client that waits. `tokio::time::sleep(…).await` costs none.",
            thousands(*by)
        ),
        Diagnosis::BeforeItsTurn { own, due } => {
            told!("Too early: {} {} came at {} ms; due was {} ms.", own.who, own.what, own.ms, due)
        }
        Diagnosis::Late { came, due } => late(came, *due),
        Diagnosis::HeldBack { came, due, moments } => told!(
            "{}\nWhat was due at {} different moments came all at once. Something held it \
             back, such as {}.",
            late(came, *due),
            moments,
            if report.alone {
                told!("a missing `flush`")
            } else {
                told!("the work for another client")
            }
        ),
        Diagnosis::WaitedAnew { came, due, message } => told!(
            "{}\nThe wait began anew when a message came at {} ms. A `sleep` that is made \
             inside a loop with `select!` begins anew in each turn: make it once, before the loop, \
             and wait for `&mut` of it.",
            late(came, *due),
            message
        ),

        Diagnosis::LeftTheClosingToThem { due, other } => told!(
            "Your {} did not close the connection, so the {} had to; due was: {} at {} ms.",
            side(due.who),
            side(*other),
            due.what,
            due.ms
        ),
        Diagnosis::EndedEarly { own, due } => told!(
            "Too early an end: your {} at {} ms; due was: {} {} at {} ms.",
            deed(own),
            own.ms,
            due.who,
            due.what,
            due.ms
        ),
        Diagnosis::NothingMore { due } => told!(
            "Nothing came after {} ms; due was: {} {} at {} ms.",
            patience,
            due.who,
            due.what,
            due.ms
        ),
        Diagnosis::NotInTime { due } => {
            told!("Nothing came in time; due was: {} {} at {} ms.", due.who, due.what, due.ms)
        }
        Diagnosis::ConnectionOver { due } => {
            told!("The connection was over; due was: {} {} at {} ms.", due.who, due.what, due.ms)
        }
        Diagnosis::NotReturned => {
            told!("Your function had not returned {} ms after the connection was over.", grace)
        }
        Diagnosis::TooMuch { own } => {
            told!("This is too much: {} {} at {} ms was not due.", own.who, own.what, own.ms)
        }
        Diagnosis::OnceMore { own, due } => {
            told!("{} came once more, where {} was due.", own.what, due.what)
        }

        Diagnosis::BinaryForText => {
            told!("The right text, but in a binary message; due was a text message.")
        }
        Diagnosis::InOne { of } => {
            told!("The right text, but in one message where {} were due.", of)
        }
        Diagnosis::InParts { parts } => {
            told!("The right text, but in {} messages where one was due.", parts)
        }
        Diagnosis::CloseWithoutACode { due } => told!(
            "Your {} sent a Close frame without a code; due was: {}.\n`close(None)` sends none. \
             `close(Some(CloseFrame { code: …, reason: \"\".into() }))` does; `CloseCode::Normal` \
             is 1000.",
            side(due.who),
            due.what
        ),
        Diagnosis::WrongEnding { own, due } => {
            told!("The wrong ending: your {}; due was: {}.", deed(own), due.what)
        }
        Diagnosis::WrongOrder { own, due } => {
            told!("In the wrong order: {} came before {}.", own.what, due.what)
        }
        Diagnosis::OneMissing { own, due } => {
            told!("One is missing: {} came, and before it {} was due.", own.what, due.what)
        }
        Diagnosis::Instead { own, due } => {
            told!("{} came, where {} was due.", own.what, due.what)
        }

        Diagnosis::StillOpen { returned: false } => told!(
            "Every line is right, but {} ms later your function had not returned, and the \
             connection was still open.",
            patience
        ),
        Diagnosis::StillOpen { returned: true } => {
            told!("Every line is right, but {} ms later the connection was still open.", patience)
        }
        Diagnosis::RunsOn { vanished } => told!(
            "Every line is right, but {} ms after {}, your function was still running.",
            grace,
            if *vanished {
                told!("the other side had vanished")
            } else {
                told!("the connection was over")
            }
        ),
        Diagnosis::ErrorInPeace => {
            told!("Every line is right, but the connection ended in peace: that is no error.")
        }
        Diagnosis::WroteAfterTheClose => told!(
            "Every line is right, but then your code tried to send \
             once more, to a client that had said goodbye. That fails."
        ),
        Diagnosis::TasksLeft(tasks) => told!(
            "Every line is right, but {} ms after the {} there were still tasks at work that \
             your code has spawned: {}.\nA task lives on when its handle is dropped. One in a \
             `JoinSet` ends with it; so does a loop that sends into a channel and stops when \
             nobody receives.",
            grace,
            if report.due.len() > 1 { told!("connection was over") } else { told!("end") },
            tasks
        ),
    }
}

/// What may help, for code that is out of step with the clock of the check.
fn hint(diagnosis: &Diagnosis, report: &Report) -> Option<String> {
    let missing = matches!(
        diagnosis,
        Diagnosis::NothingMore { .. } | Diagnosis::NotInTime { .. } | Diagnosis::OneMissing { .. }
    );
    let time = missing
        || matches!(
            diagnosis,
            Diagnosis::Early { .. }
                | Diagnosis::BeforeItsTurn { .. }
                | Diagnosis::Late { .. }
                | Diagnosis::HeldBack { .. }
                | Diagnosis::KeepsItsThread
                | Diagnosis::NeverWaits
                | Diagnosis::EndedEarly { .. }
        );
    let code = source::code(report.source);
    if time && report.clock == Clock::Virtual && source::asks_the_real_clock(report.source) {
        return Some(told!(
            "Your code asks `std::time` for the time, but the clock of this check is virtual, and \
             far ahead of the real one. `tokio::time::Instant` knows it."
        ));
    }
    if time && (code.contains("thread::spawn") || code.contains("spawn_blocking")) {
        return Some(told!(
            "The clock of this check is virtual: it does not wait for a thread of your own, as the \
             runtime does for what is awaited."
        ));
    }
    if missing && report.unread {
        return Some(told!(
            "One of the clients reads nothing. Code that waits in `send` for it hears nothing \
             meanwhile, not even a cancel: reading must not wait for writing."
        ));
    }
    if missing && code.contains("pause(") && !code.contains("fn pause(") {
        return Some(told!("`pause` drops the texts that come while it waits."));
    }
    None
}

fn panicked(panic: &Panic) -> String {
    let Panic { message, place, from } = panic;
    let message = brief(message);
    match from {
        _ if panic.is_own() => told!("Your code panicked at {}: {}", place, message),
        Some(from) => told!("Your code panicked, in a call at {}: {}", from, message),
        None => told!("Your code panicked in another crate, at {}: {}", in_crate(place), message),
    }
}

/// `tokio-1.54.0/src/…` of a longer path.
fn in_crate(place: &str) -> &str {
    let registry = place.split_once("/registry/src/").and_then(|(_, rest)| rest.split_once('/'));
    registry.map_or(place, |(_registry, rest)| rest)
}

/// An error without the backtrace that may come with it.
fn brief(error: &str) -> String {
    let error = error.split("Stack backtrace:").next().unwrap_or_default().trim();
    shortened(error, 300)
}

fn late(came: &Line, due: u64) -> String {
    let Line { who, what, ms } = came;
    told!("Too late: {} {} came at {} ms; due was {} ms.", who, what, ms, due)
}

/// `server sent close 1000`, `client returns an error`
fn deed(line: &Line) -> String {
    let who = side(line.who);
    if line.is_close() {
        told!("{} sent {}", who, line.what)
    } else {
        told!("{} {}", who, line.what)
    }
}

/// In the reader's language. In a transcript they have their English names, as everywhere else.
fn side(who: Who) -> String {
    if who == Who::Client { told!("client") } else { told!("server") }
}

/// Milliseconds, as `1,500`.
fn thousands(duration: Duration) -> String {
    match duration.as_millis() {
        ms if ms < 1000 => ms.to_string(),
        ms => format!("{},{:03}", ms / 1000, ms % 1000),
    }
}
