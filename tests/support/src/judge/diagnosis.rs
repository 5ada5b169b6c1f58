//! What is wrong with a connection that has been played.

use std::time::Duration;

use super::{
    check::{Clock, Report},
    due::{Line, Who},
    kinds,
    panics::Panic,
};

#[derive(Clone, Debug, PartialEq)]
pub enum Diagnosis {
    Panicked(Panic),
    /// It never came to an end: it kept its thread, or it only never waited.
    KeepsItsThread,
    NeverWaits,
    TookTheWholeFlood,
    KeptItsThread(Duration),

    // The learner's side was dropped
    DroppedBeforeTheirClose,
    DroppedInsteadOfTheAnswer {
        due: Line,
    },
    Dropped {
        due: Line,
    },
    BrokeTheProtocol(String),

    // The right line at the wrong time
    Early {
        by: Duration,
    },
    EarlyByAnotherThread {
        by: Duration,
    },
    /// It came while the other side was still to speak.
    BeforeItsTurn {
        own: Line,
        due: u64,
    },
    Late {
        came: Line,
        due: u64,
    },
    /// `moments`: how many different ones came all at once.
    HeldBack {
        came: Line,
        due: u64,
        moments: usize,
    },
    /// The wait began anew with the client's message at this time.
    WaitedAnew {
        came: Line,
        due: u64,
        message: u64,
    },

    // Nothing, or too much
    LeftTheClosingToThem {
        due: Line,
        other: Who,
    },
    EndedEarly {
        own: Line,
        due: Line,
    },
    NothingMore {
        due: Line,
    },
    NotInTime {
        due: Line,
    },
    ConnectionOver {
        due: Line,
    },
    NotReturned,
    TooMuch {
        own: Line,
    },
    OnceMore {
        own: Line,
        due: Line,
    },

    // Another line
    BinaryForText,
    InOne {
        of: usize,
    },
    InParts {
        parts: usize,
    },
    CloseWithoutACode {
        due: Line,
    },
    WrongEnding {
        own: Line,
        due: Line,
    },
    WrongOrder {
        own: Line,
        due: Line,
    },
    OneMissing {
        own: Line,
        due: Line,
    },
    Instead {
        own: Line,
        due: Line,
    },

    // Every line is right, and the end is not
    StillOpen {
        returned: bool,
    },
    RunsOn {
        vanished: bool,
    },
    ErrorInPeace,
    WroteAfterTheClose,
    TasksLeft(usize),
}

/// A report, from its first wrong line on.
pub struct Case<'a> {
    pub report: &'a Report<'a>,
    /// Which line is the first that is wrong, if one is.
    pub first: Option<usize>,
    /// The lines that are right, then what was due from there on, and what came.
    pub before: &'a [Line],
    pub due: &'a [Line],
    pub own: &'a [Line],
}

/// The first line that is not as it should be.
pub fn first_difference(report: &Report) -> Option<usize> {
    let (due, own) = (report.due, &report.own);
    (0..due.len().max(own.len())).find(|&i| match (due.get(i), own.get(i)) {
        (Some(due), Some(own)) => {
            let own = match report.clock {
                Clock::Virtual => own.clone(),
                // Real clocks and real threads: a line may seem a little early, too.
                Clock::Real => Line { ms: own.ms.max(due.ms.min(own.ms + 5)), ..own.clone() },
            };
            !own.is(due, report.late(i))
        }
        _ => true,
    })
}

/// What is wrong, or `None` if all is right.
pub fn diagnose(report: &Report) -> Option<Diagnosis> {
    let first = first_difference(report);
    let at = first.unwrap_or(report.due.len());
    let (before, own) = report.own.split_at(at.min(report.own.len()));
    let due = &report.due[at.min(report.due.len())..];
    let case = Case { report, first, before, due, own };
    kinds::IN_ORDER.iter().find_map(|kind| kind(&case))
}
