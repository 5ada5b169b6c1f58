//! What a learner is told: the due transcript and their own side by side, and a sentence or two.

use std::{fmt::Write, time::Duration};

use tokio_tungstenite::tungstenite::Message;
use unicode_width::UnicodeWidthStr;

use super::{
    check::{LIMIT, Report},
    due::{Line, What, Who},
    play::{GRACE, Outcome, PATIENCE, Played, Stop},
};

/// A longer transcript is shown around the first difference, this many lines before and after it.
const WHOLE: usize = 14;
const AROUND: usize = 6;

/// How many characters of a line are shown.
const LONGEST: usize = 70;

/// The header of `file` has no transcripts that can be read.
pub fn damaged(file: &str, what: &str) -> String {
    format!(
        "{file}\n\nThe transcript in the header is damaged: {what}.\nThe check reads there what is \
         due. `git diff {file}` shows what has changed; `git restore {file}` starts the whole \
         exercise over."
    )
}

/// Whether a transcript came out as it should, and if not, why.
pub fn verdict(report: &Report) -> Result<(), String> {
    let (due, own) = (report.due, &report.seen.lines[..]);
    let first = (0..due.len().max(own.len())).find(|&i| match (due.get(i), own.get(i)) {
        (Some(due), Some(own)) => !own.is(due),
        _ => true,
    });
    let words = match (first, &report.panic, &report.played) {
        (_, Some(panic), _) => format!("Your code panicked at {panic}"),
        (_, None, None) => stuck(report),
        (Some(first), ..) => difference(report, first),
        (None, None, Some(played)) => match afterwards(report, played.stop, &played.outcome) {
            Some(words) => words,
            None => return Ok(()),
        },
    };
    let mut words = words;
    if let Some(Played { stop, outcome }) = &report.played {
        if *stop == Stop::Flood {
            words += "\nMore and more came, until the check stopped reading.";
        }
        if let Some(Outcome::Failed(error)) = outcome {
            words += &format!("\nYour function returned an error: {error}");
        }
    }
    Err(format!("{}\n{words}", table(due, own, first)))
}

fn table(due: &[Line], own: &[Line], first: Option<usize>) -> String {
    let length = due.len().max(own.len());
    let middle = first.unwrap_or(length);
    let (from, to) = match length {
        ..=WHOLE => (0, length),
        _ => (middle.saturating_sub(AROUND), (middle + AROUND).min(length)),
    };
    let cell = |lines: &[Line], i: usize| match lines.get(i) {
        Some(line) => shortened(&line.to_string()),
        None if i == lines.len() => "       (nothing more)".into(),
        None => String::new(),
    };
    let left = |i| cell(due, i);
    let width = (from..to).map(|i| left(i).width()).max().unwrap_or(0).max(30);

    let mut table = format!("          due{}yours\n", " ".repeat(width - 3));
    if from > 0 {
        let _ = writeln!(table, "          … {from} as due");
    }
    for i in from..to {
        let mark = if first == Some(i) { "->" } else { "  " };
        let (due, own) = (left(i), cell(own, i));
        let gap = " ".repeat(width - due.width());
        let _ = writeln!(table, "{}", format!("{mark}{due}{gap}   {own}").trim_end());
    }
    if to < length {
        let _ = writeln!(table, "          …");
    }
    table
}

/// A line of a table. Nobody wants to read a whole flood.
fn shortened(line: &str) -> String {
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_string(),
    }
}

/// What happened at the first line that is not as it should be.
fn difference(report: &Report, first: usize) -> String {
    let (due, own) = (report.due, &report.seen.lines[..]);
    match (due.get(first), own.get(first)) {
        (Some(due), None) => missing(report, due),
        (None, Some(own)) => too_much(own),
        (Some(_), Some(_)) => unlike(report, &due[first..], &own[first..], first),
        (None, None) => String::new(),
    }
}

fn missing(report: &Report, due: &Line) -> String {
    let Line { ms, who, what } = due;
    if report.stop() == Some(Stop::Silence) {
        let patience = thousands(PATIENCE);
        return format!("Nothing came after {patience} ms; due was: {who} {what} at {ms} ms.");
    }
    if matches!(what, What::Returns(_) | What::ReturnsError) {
        let grace = GRACE.as_millis();
        return format!("Your function had not returned {grace} ms after the connection was over.");
    }
    format!("The connection was over; due was: {who} {what} at {ms} ms.")
}

fn too_much(own: &Line) -> String {
    format!("This is too much: {} {} at {} ms was not due.", own.who, own.what, own.ms)
}

/// `due` and `own` begin with the first difference; neither is empty.
fn unlike(report: &Report, due: &[Line], own: &[Line], first: usize) -> String {
    let (due_line, own_line) = (&due[0], &own[0]);
    let came = own.iter().find(|line| line.who == due_line.who && line.what.is(&due_line.what));
    if own_line.what == What::Drops {
        let before = &report.seen.lines[..first];
        if before.iter().any(close_of(own_line.who)) {
            return "The Close frame went out, but the connection was dropped before the other \
                    side's Close frame had come."
                .into();
        }
        let why =
            match before.last().is_some_and(|line| line.who != own_line.who && line.is_close()) {
                true => {
                    "The answer to a close is only queued when you read it. It leaves with the \
                     next read, write or flush."
                }
                false => "A socket that is dropped says nothing.",
            };
        let (who, what) = (due_line.who, &due_line.what);
        return format!(
            "The connection was dropped without a Close frame; due was: {who} {what}.\n{why}"
        );
    }
    if own_line.who == due_line.who && own_line.what.is(&due_line.what) {
        return wrong_time(report, due, own);
    }
    if own_line.who != due_line.who {
        let (who, what, ms) = (due_line.who, &due_line.what, due_line.ms);
        if due_line.is_close() && own_line.is_close() {
            return format!(
                "Your {who} did not close the connection, so the {} had to; due was: {what} at \
                 {ms} ms.",
                own_line.who
            );
        }
        let silent = own.iter().all(|line| line.who != who);
        return match came {
            _ if is_ours(report, due_line) && own_line.is_close() => format!(
                "Too early an end: your {} at {} ms; due was: {who} {what}.",
                deed(own_line),
                own_line.ms
            ),
            _ if is_ours(report, due_line) => too_much(own_line),
            Some(came) if came.ms > ms => late(due, own, came),
            _ if silent && report.stop() == Some(Stop::Silence) => missing(report, due_line),
            _ => format!("Nothing came in time; due was: {who} {what} at {ms} ms."),
        };
    }
    if let Some(came) = came.filter(|came| came.ms > due_line.ms) {
        return late(due, own, came);
    }
    wrong_message(report, due, own, first)
}

/// Whether the line is one that the check itself plays.
fn is_ours(report: &Report, line: &Line) -> bool {
    // A learner's client is the one that returns.
    let returns = |line: &Line| matches!(line.what, What::Returns(_) | What::ReturnsError);
    let learner = if report.due.iter().any(returns) { Who::Client } else { Who::Server };
    line.who != learner
}

fn close_of(who: Who) -> impl Fn(&Line) -> bool {
    move |line| line.who == who && line.is_close()
}

/// `server sent close 1000`, `client returns an error`
fn deed(line: &Line) -> String {
    let verb = if line.is_close() { "sent " } else { "" };
    format!("{} {verb}{}", line.who, line.what)
}

fn wrong_time(report: &Report, due: &[Line], own: &[Line]) -> String {
    let (due_ms, own_ms) = (due[0].ms, own[0].ms);
    if own_ms > due_ms {
        return late(due, own, &own[0]);
    }
    let early = Duration::from_millis(due_ms - own_ms);
    let words = format!("The right line, but {} ms too early.", thousands(early));
    // Time that it should have waited for in virtual time, and that has passed in real time.
    let ahead = |(due, own): (&Line, &Line)| due.ms.saturating_sub(own.ms);
    let ahead = due.iter().zip(own).map(ahead).max().unwrap_or(0);
    if report.took < Duration::from_millis(ahead * 4 / 5) {
        return words;
    }
    // On a busy machine any code has its thread for long at times: only the greater part counts.
    let polled = report.seen.polled;
    if polled >= report.took / 2 {
        return format!(
            "{words}\nYour code kept its thread for {} ms of real time, and meanwhile nothing else \
             could run, not even the clock of this check. That is what `std::thread::sleep` does, \
             or another blocking call. Wait with `.await`.",
            thousands(polled)
        );
    }
    format!(
        "{words}\nIt waited on another thread, where the clock of this check has no power. That \
         leaves the runtime free, but it costs a thread for each client that waits. \
         `tokio::time::sleep(…).await` costs none."
    )
}

fn late(due: &[Line], own: &[Line], came: &Line) -> String {
    let words = format!(
        "Too late: {} {} came at {} ms; due was {} ms.",
        came.who, came.what, came.ms, due[0].ms,
    );
    // The moments at which the lines were due that came at this one moment.
    let mut moments: Vec<u64> = own
        .iter()
        .filter(|own| own.who == came.who && own.ms == came.ms)
        .filter_map(|own| due.iter().find(|due| due.who == own.who && own.what.is(&due.what)))
        .map(|due| due.ms)
        .filter(|&ms| ms < came.ms)
        .collect();
    moments.dedup();
    match moments.len() {
        0 | 1 => words,
        count => format!(
            "{words}\nWhat was due at {count} different moments came all at once. Something held it \
             back, such as a missing `flush`."
        ),
    }
}

/// The right side speaks, and says something else than is due.
fn wrong_message(report: &Report, due: &[Line], own: &[Line], first: usize) -> String {
    let (due_line, own_line) = (&due[0], &own[0]);
    let (due_what, own_what) = (&due_line.what, &own_line.what);
    let who = own_line.who;
    let same = |line: &Line| line.who == who && line.what.is(due_what);

    if let (What::Message(Message::Text(due_text)), What::Message(Message::Binary(own))) =
        (due_what, own_what)
    {
        if own[..] == *due_text.as_bytes() {
            return "The right text, but in a binary message; due was a text message.".into();
        }
    }
    if let (Some(due_text), Some(own_text)) = (text(due_what), text(own_what)) {
        let texts = || due.iter().filter(|line| line.who == who).map_while(|line| text(&line.what));
        let mut merged = String::new();
        for (count, next) in (1..).zip(texts()) {
            merged += next;
            if count > 1 && merged == own_text {
                return format!("The right text, but in one message where {count} were due.");
            }
        }
        if !own_text.is_empty() && due_text.len() > own_text.len() {
            let mut parts = String::new();
            for (count, line) in (1..).zip(own.iter().filter(|line| line.who == who)) {
                parts += text(&line.what).unwrap_or_default();
                if count > 1 && parts == due_text {
                    return format!("The right text, but in {count} messages where one was due.");
                }
            }
        }
    }
    match (due_what, own_what) {
        (What::Message(Message::Close(_)), What::Message(Message::Close(_)))
        | (What::Returns(_) | What::ReturnsError, What::Returns(_) | What::ReturnsError) => {
            format!("The wrong ending: your {}; due was: {due_what}.", deed(own_line))
        }
        (_, What::Message(Message::Close(_)) | What::Returns(_) | What::ReturnsError) => {
            format!("Too early an end: your {}; due was: {due_what}.", deed(own_line))
        }
        _ if own.iter().any(same) && due.iter().any(|line| line.what == *own_what) => {
            format!("In the wrong order: {own_what} came before {due_what}.")
        }
        _ if own.iter().any(same) => {
            format!("This is too much: {own_what} was not due, {due_what} was.")
        }
        _ if due[1..].iter().any(|line| line.who == who && line.what == *own_what) => {
            format!("One is missing: {own_what} came, and before it {due_what} was due.")
        }
        _ if report.seen.lines[..first]
            .iter()
            .any(|line| line.who == who && line.what == *own_what) =>
        {
            format!("{own_what} came once more, where {due_what} was due.")
        }
        _ => format!("{own_what} came, where {due_what} was due."),
    }
}

fn text(what: &What) -> Option<&str> {
    match what {
        What::Message(Message::Text(text)) => Some(text),
        _ => None,
    }
}

/// The transcript is right. Is its end?
fn afterwards(report: &Report, stop: Stop, outcome: &Option<Outcome>) -> Option<String> {
    let vanished = report.due.iter().any(|line| line.what == What::Vanishes);
    let is_client = report.due.iter().any(|line| !is_ours(report, line) && line.who == Who::Client);
    let (grace, patience) = (thousands(GRACE), thousands(PATIENCE));
    match (stop, outcome) {
        (Stop::Silence, None) => Some(format!(
            "Every line is right, but {patience} ms later your function had not returned, and the \
             connection was still open."
        )),
        (Stop::Silence, Some(_)) => Some(format!(
            "Every line is right, but {patience} ms later the connection was still open."
        )),
        (_, None) if vanished => Some(format!(
            "Every line is right, but {grace} ms after the other side had vanished, your function \
             was still running."
        )),
        (_, None) => Some(format!(
            "Every line is right, but {grace} ms after the connection was over, your function was \
             still running."
        )),
        (_, Some(Outcome::Failed(_))) if !vanished && !is_client => {
            Some("Every line is right, but the connection ended in peace: that is no error.".into())
        }
        _ => None,
    }
}

fn stuck(report: &Report) -> String {
    let limit = LIMIT.as_secs();
    // Busy code may happen to have its thread just now; blocking code has had it for long.
    match report.seen.polled_since.filter(|since| since.elapsed() > LIMIT / 2) {
        Some(_) => format!(
            "Your code kept its thread for {limit} s of real time, and nothing else could run. A \
             loop without an `.await` does that; so does `std::thread::sleep`, or another blocking \
             call."
        ),
        None => format!(
            "Your code was still busy after {limit} s of real time, without ever waiting for \
             anything. Is there a loop that neither ends nor waits?"
        ),
    }
}

/// Milliseconds, as `1,500`.
fn thousands(duration: Duration) -> String {
    match duration.as_millis() {
        ms if ms < 1000 => ms.to_string(),
        ms => format!("{},{:03}", ms / 1000, ms % 1000),
    }
}
