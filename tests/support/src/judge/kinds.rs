//! The kinds of mistakes, one function each, which says whether this is one.

use std::time::Duration;

use tokio_tungstenite::tungstenite::Message;

use super::{
    check::Clock,
    diagnosis::{Case, Diagnosis},
    due::{Line, What, Who},
    play::Stop,
    subject::Outcome,
    texts,
};

/// Code that has kept its thread for longer than this never gives it back.
const HOLDS: Duration = Duration::from_millis(2500);

/// What takes less real time than this, any code may take.
const BRIEF: Duration = Duration::from_millis(50);

type Kind = fn(&Case) -> Option<Diagnosis>;

/// They are asked in this order, the surest cause first: a panic explains a missing line, and a
/// missing line explains no panic.
pub const IN_ORDER: [Kind; 14] = [
    panicked,
    endless,
    took_the_flood,
    kept_its_thread,
    dropped,
    right_line_at_another_time,
    nothing_more,
    nothing_more_was_due,
    the_other_side_spoke,
    wrong_form,
    wrong_end,
    comes_later,
    another_text,
    wrong_afterwards,
];

fn panicked(case: &Case) -> Option<Diagnosis> {
    case.report.panic.clone().map(Diagnosis::Panicked)
}

fn endless(case: &Case) -> Option<Diagnosis> {
    let report = case.report;
    match (&report.played, report.held) {
        (Some(_), _) => None,
        // Busy code may happen to have its thread just now; blocking code has had it for long.
        (None, Some(held)) if held > HOLDS => Some(Diagnosis::KeepsItsThread),
        (None, _) => Some(Diagnosis::NeverWaits),
    }
}

fn took_the_flood(case: &Case) -> Option<Diagnosis> {
    let taken = case.report.own.iter().any(|line| line.what == What::TakesAll);
    taken.then_some(Diagnosis::TookTheWholeFlood)
}

fn kept_its_thread(case: &Case) -> Option<Diagnosis> {
    case.report.blocks().then_some(Diagnosis::KeptItsThread(case.report.busy))
}

fn dropped(case: &Case) -> Option<Diagnosis> {
    let own = case.own.first()?;
    match &own.what {
        What::Drops => {}
        What::BreaksProtocol(error) => return Some(Diagnosis::BrokeTheProtocol(error.clone())),
        _ => return None,
    }
    let by = |who: Who| move |line: &Line| line.who == who && line.is_close();
    if case.before.iter().any(by(own.who)) {
        return Some(Diagnosis::DroppedBeforeTheirClose);
    }
    let due = case.due.first()?.clone();
    match case.before.last() {
        Some(last) if last.who != own.who && last.is_close() => {
            Some(Diagnosis::DroppedInsteadOfTheAnswer { due })
        }
        _ => Some(Diagnosis::Dropped { due }),
    }
}

fn right_line_at_another_time(case: &Case) -> Option<Diagnosis> {
    let (due, own) = (case.due.first()?, case.own.first()?);
    if own.who != due.who || !own.what.is(&due.what) {
        return None;
    }
    if own.ms > due.ms {
        return Some(late(case, own));
    }
    let by = Duration::from_millis(due.ms - own.ms);
    // Time that it should have waited for in virtual time, and that has passed in real time.
    let ahead = case.due.iter().zip(case.own).map(|(due, own)| due.ms.saturating_sub(own.ms)).max();
    let ahead = Duration::from_millis(ahead? * 4 / 5);
    let waited = ahead >= BRIEF && case.report.took >= ahead;
    match case.report.clock == Clock::Virtual && waited {
        true => Some(Diagnosis::EarlyByAnotherThread { by }),
        false => Some(Diagnosis::Early { by }),
    }
}

/// What was due first has come, but late.
fn late(case: &Case, came: &Line) -> Diagnosis {
    let due = case.due[0].ms;
    let (came_line, who) = (came.clone(), came.who);
    // A wait that begins anew with a message is as long as it was due to be, from that message on.
    let began = case.before.iter().rev().find(|line| line.who == who);
    let began = began.or(case.before.first()).map_or(0, |line| line.ms);
    let all = case.before.iter().chain(case.own);
    let texts = all.filter(|line| line.who != who && matches!(line.what, What::Message(_)));
    let mut meanwhile = texts.map(|line| line.ms).filter(|ms| (began + 1..due).contains(ms));
    if let Some(message) = meanwhile.rfind(|ms| came.ms.abs_diff(ms + (due - began)) <= 2) {
        return Diagnosis::WaitedAnew { came: came_line, due, message };
    }
    // The moments at which the lines were due that came at this one moment.
    let at_once = case.own.iter().filter(|own| own.who == who && own.ms == came.ms);
    let same = |own: &Line| case.due.iter().find(|due| due.who == who && own.what.is(&due.what));
    let mut moments: Vec<u64> = at_once.filter_map(same).map(|due| due.ms).collect();
    moments.retain(|&ms| ms < came.ms);
    moments.dedup();
    match moments.len() {
        0 | 1 => Diagnosis::Late { came: came_line, due },
        moments => Diagnosis::HeldBack { came: came_line, due, moments },
    }
}

fn nothing_more(case: &Case) -> Option<Diagnosis> {
    let (Some(due), None) = (case.due.first(), case.own.first()) else { return None };
    let due = due.clone();
    Some(match case.report.stop() {
        Some(Stop::Silence) => Diagnosis::NothingMore { due },
        _ if due.is_return() => Diagnosis::NotReturned,
        _ => Diagnosis::ConnectionOver { due },
    })
}

fn nothing_more_was_due(case: &Case) -> Option<Diagnosis> {
    match (case.due.first(), case.own.first()) {
        (None, Some(own)) => Some(Diagnosis::TooMuch { own: own.clone() }),
        _ => None,
    }
}

/// One side spoke where the other's turn was.
fn the_other_side_spoke(case: &Case) -> Option<Diagnosis> {
    let (due, own) = (case.due.first()?, case.own.first()?);
    if due.who == own.who {
        return None;
    }
    let learner = case.report.learner;
    let came = came_later(case);
    let (due, own) = (due.clone(), own.clone());
    let is_end = own.is_close() || own.is_return();
    Some(if own.who == learner {
        match is_end {
            true => Diagnosis::EndedEarly { own, due },
            false if texts::comes_too_often(case.report, &own) => Diagnosis::TooMuch { own },
            // It is due later. The judge has only not come to its own line yet.
            false => match case.due.iter().find(|it| it.who == own.who && own.what.is(&it.what)) {
                Some(due) if due.ms > own.ms => Diagnosis::BeforeItsTurn { own, due: due.ms },
                _ => Diagnosis::TooMuch { own },
            },
        }
    } else if due.is_close() && own.is_close() {
        Diagnosis::LeftTheClosingToThem { due, other: own.who }
    } else if let Some(came) = came.filter(|came| came.ms > due.ms) {
        late(case, came)
    } else if case.report.stop() == Some(Stop::Silence)
        && case.own.iter().all(|line| line.who != learner)
    {
        Diagnosis::NothingMore { due }
    } else {
        Diagnosis::NotInTime { due }
    })
}

/// Where what was due first has come all the same.
fn came_later<'a>(case: &Case<'a>) -> Option<&'a Line> {
    let due = case.due.first()?;
    case.own.iter().find(|line| line.who == due.who && line.what.is(&due.what))
}

fn wrong_form(case: &Case) -> Option<Diagnosis> {
    let (due, own) = (case.due.first()?, case.own.first()?);
    if let (What::Message(Message::Text(text)), What::Message(Message::Binary(bytes))) =
        (&due.what, &own.what)
    {
        if bytes[..] == *text.as_bytes() {
            return Some(Diagnosis::BinaryForText);
        }
    }
    if let Some(of) = texts::merged(case.due, own) {
        return Some(Diagnosis::InOne { of });
    }
    texts::parts(due, case.own).map(|parts| Diagnosis::InParts { parts })
}

fn wrong_end(case: &Case) -> Option<Diagnosis> {
    let (due, own) = (case.due.first()?.clone(), case.own.first()?.clone());
    let has_code = |line: &Line| matches!(line.what, What::Message(Message::Close(Some(_))));
    match (due.is_close(), own.is_close()) {
        (true, true) if has_code(&due) && !has_code(&own) => {
            Some(Diagnosis::CloseWithoutACode { due })
        }
        (true, true) => Some(Diagnosis::WrongEnding { own, due }),
        (false, true) => Some(Diagnosis::EndedEarly { own, due }),
        _ if due.is_return() && own.is_return() => Some(Diagnosis::WrongEnding { own, due }),
        _ if own.is_return() => Some(Diagnosis::EndedEarly { own, due }),
        _ => None,
    }
}

/// The right side spoke, and what is due comes later.
fn comes_later(case: &Case) -> Option<Diagnosis> {
    let (due, own) = (case.due.first()?.clone(), case.own.first()?.clone());
    let came = came_later(case)?;
    let before = case.before.iter().any(|line| line.who == own.who && line.what == own.what);
    let same = |line: &&Line| line.who == own.who && own.what.is(&line.what);
    let is_early = case.due.iter().find(same).is_some_and(|due| own.ms < due.ms);
    Some(match texts::comes_too_often(case.report, &own) {
        true if before => Diagnosis::OnceMore { own, due },
        true => Diagnosis::TooMuch { own },
        false if is_early => Diagnosis::WrongOrder { own, due },
        false if came.ms > due.ms + case.report.late(case.before.len()) => late(case, came),
        false => Diagnosis::WrongOrder { own, due },
    })
}

fn another_text(case: &Case) -> Option<Diagnosis> {
    let (due, own) = (case.due.first()?.clone(), case.own.first()?.clone());
    let same = |line: &Line| line.who == own.who && line.what == own.what;
    Some(match () {
        () if case.due.iter().any(same) => Diagnosis::OneMissing { own, due },
        () if case.before.iter().any(same) => Diagnosis::OnceMore { own, due },
        () => Diagnosis::Instead { own, due },
    })
}

/// Every line is right. Is the end?
fn wrong_afterwards(case: &Case) -> Option<Diagnosis> {
    let report = case.report;
    if case.first.is_some() {
        return None;
    }
    let vanished = report.due.iter().any(|line| line.what == What::Vanishes);
    // Nobody answers its close, so it has a reason to complain.
    let unanswered = report.due.iter().any(|line| line.what == What::Drops);
    let server = report.learner == Who::Server;
    match (report.stop()?, report.outcome()) {
        (Stop::Silence, outcome) => Some(Diagnosis::StillOpen { returned: outcome.is_some() }),
        (_, None) => Some(Diagnosis::RunsOn { vanished }),
        (_, Some(Outcome::Failed(_))) if server && !vanished && !unanswered => {
            Some(Diagnosis::ErrorInPeace)
        }
        (_, Some(Outcome::WroteAfterClose)) if texts::answers_at_once(report.due) => {
            Some(Diagnosis::WroteAfterTheClose)
        }
        _ if report.tasks > 0 => Some(Diagnosis::TasksLeft(report.tasks)),
        _ => None,
    }
}
