//! The texts of two transcripts, compared.

use tokio_tungstenite::tungstenite::Message;

use super::{
    check::Report,
    due::{Line, What, Who},
};

pub fn text(what: &What) -> Option<&str> {
    match what {
        What::Message(Message::Text(text)) => Some(text),
        _ => None,
    }
}

/// Whether two texts are the same JSON, whatever the order of its keys.
#[cfg(feature = "json")]
pub fn same_json(left: &str, right: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    matches!((read(left), read(right)), (Some(left), Some(right)) if left == right)
}

/// Levels 1 to 4 have no JSON, and do without the crate for it.
#[cfg(not(feature = "json"))]
pub fn same_json(_: &str, _: &str) -> bool {
    false
}

/// How many of the texts that were due have come in one.
pub fn merged(due: &[Line], own: &Line) -> Option<usize> {
    let own_text = text(&own.what)?;
    let due = due.iter().filter(|line| line.who == own.who);
    let mut merged = String::new();
    for (count, next) in (1..).zip(due.filter_map(|line| text(&line.what))) {
        merged += next;
        if count > 1 && merged == own_text {
            return Some(count);
        }
    }
    None
}

/// In how many parts the text that was due has come.
pub fn parts(due: &Line, own: &[Line]) -> Option<usize> {
    let due_text = text(&due.what)?;
    let mut parts = String::new();
    for (count, line) in (1..).zip(own.iter().filter(|line| line.who == due.who)) {
        parts += text(&line.what).filter(|text| count > 1 || !text.is_empty())?;
        if count > 1 && parts == due_text {
            return Some(count);
        }
    }
    None
}

/// Whether this line came more often than it was due in all.
pub fn comes_too_often(report: &Report, line: &Line) -> bool {
    let count = |lines: &[Line]| {
        lines.iter().filter(|it| it.who == line.who && it.what == line.what).count()
    };
    count(&report.own) > count(report.due)
}

/// Whether a server is to answer each message at once, so that nothing is left to say at the end.
pub fn answers_at_once(due: &[Line]) -> bool {
    let is_asked = |ms| ms == 0 || due.iter().any(|line| line.who == Who::Client && line.ms == ms);
    let mut server = due.iter().filter(|line| line.who == Who::Server);
    server.clone().all(|line| is_asked(line.ms))
        && server.any(|line| line.ms > 0 && text(&line.what).is_some())
}
