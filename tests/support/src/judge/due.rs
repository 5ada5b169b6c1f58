//! What an exercise's header says is due, and whether the exercise has been begun.
//!
//! The header is read by people and by the check, so that the two cannot disagree.

use std::fmt;

use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use crate::transcript::{describe, line};

/// One line of a transcript.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub ms: u64,
    pub who: Who,
    pub what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Client,
    Server,
}

#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Message(Message),
    /// Our side goes without a word.
    Vanishes,
    /// The learner's client returns this text.
    Returns(String),
    ReturnsError,
    /// The learner's side goes without a word. This is never due.
    Drops,
    /// The learner's side sends bytes that are no WebSocket frame. This is never due.
    BreaksProtocol(String),
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Who::Client { "client" } else { "server" })
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Message(message) => f.write_str(&describe(message)),
            What::Vanishes => f.write_str("vanishes"),
            What::Returns(text) => write!(f, "returns {text:?}"),
            What::ReturnsError => f.write_str("returns an error"),
            What::Drops => f.write_str("drops the connection"),
            What::BreaksProtocol(error) => write!(f, "breaks the protocol: {error}"),
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&line(self.ms.into(), &self.who.to_string(), &self.what.to_string()))
    }
}

impl Line {
    /// Whether `self` is what was `due`. The reason of a close is free, unless one is due.
    pub fn is(&self, due: &Line) -> bool {
        self.ms == due.ms && self.who == due.who && self.what.is(&due.what)
    }

    pub fn is_close(&self) -> bool {
        matches!(self.what, What::Message(Message::Close(_)))
    }

    fn parse(text: &str) -> Option<Line> {
        let (ms, rest) = text.split_once(" ms  ")?;
        let (who, what) = rest.split_once("  ")?;
        let who = match who {
            "client" => Who::Client,
            "server" => Who::Server,
            _ => return None,
        };
        let line = Line { ms: ms.parse().ok()?, who, what: What::parse(what)? };
        // Only what we would write ourselves: so there is one format, and no slip gets by.
        (line.to_string().trim_start() == text).then_some(line)
    }
}

impl What {
    pub fn is(&self, due: &What) -> bool {
        match (self, due) {
            (
                What::Message(Message::Close(Some(own))),
                What::Message(Message::Close(Some(due))),
            ) => own.code == due.code && (due.reason.is_empty() || own.reason == due.reason),
            _ => self == due,
        }
    }

    fn parse(what: &str) -> Option<What> {
        let (verb, rest) = what.split_once(' ').unwrap_or((what, ""));
        let message = match (verb, rest) {
            ("vanishes", "") => return Some(What::Vanishes),
            ("returns", "an error") => return Some(What::ReturnsError),
            ("returns", text) => return Some(What::Returns(quoted(text)?.into())),
            ("close", "") => Message::Close(None),
            ("close", code) => close(code.parse().ok()?),
            ("ping", text) => Message::Ping(quoted(text)?.to_string().into()),
            ("pong", text) => Message::Pong(quoted(text)?.to_string().into()),
            ("binary", hex) => {
                let bytes = hex.split(' ').map(|byte| u8::from_str_radix(byte, 16).ok());
                Message::binary(bytes.collect::<Option<Vec<u8>>>()?)
            }
            _ => Message::text(quoted(what)?),
        };
        Some(What::Message(message))
    }
}

/// A Close frame with this code and no reason.
fn close(code: u16) -> Message {
    Message::Close(Some(CloseFrame { code: CloseCode::from(code), reason: "".into() }))
}

fn quoted(text: &str) -> Option<&str> {
    text.strip_prefix('"')?.strip_suffix('"')
}

/// The transcripts in the header of an exercise, or what is wrong with them.
pub fn transcripts(source: &str) -> Result<Vec<Vec<Line>>, String> {
    let mut transcripts: Vec<Vec<Line>> = Vec::new();
    let mut inside = false;
    let header = source.lines().map_while(|line| line.strip_prefix("//!"));
    for (number, text) in (1..).zip(header) {
        let was_inside = inside;
        inside = looks_like_a_line(text);
        if !inside {
            continue;
        }
        let damaged = || format!("line {number} cannot be read: {}", text.trim());
        let line = Line::parse(text.trim()).ok_or_else(damaged)?;
        if !was_inside {
            transcripts.push(Vec::new());
        }
        let Some(transcript) = transcripts.last_mut() else { continue };
        if transcript.last().is_some_and(|before| before.ms > line.ms) {
            return Err(format!("line {number} is earlier than the line before it"));
        }
        transcript.push(line);
    }
    if transcripts.is_empty() { Err("there is none".into()) } else { Ok(transcripts) }
}

/// Whether this is meant for a line of a transcript, and is not prose: `    200 ms  …`.
fn looks_like_a_line(text: &str) -> bool {
    let rest = text.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
    let has_number = rest.len() < text.trim_start().len();
    has_number && rest.starts_with(" ms") && (text.starts_with("    ") || rest.starts_with(" ms  "))
}

/// Whether the gap is still there: a `todo!` outside the comments.
pub fn is_pending(source: &str) -> bool {
    let mut code = String::new();
    let mut rest = source;
    while let Some(start) = ["//", "/*"].iter().filter_map(|mark| rest.find(mark)).min() {
        code += &rest[..start];
        let comment = &rest[start..];
        let end = if comment.starts_with("//") { "\n" } else { "*/" };
        rest = comment[2..].split_once(end).map_or("", |(_comment, rest)| rest);
        code.push('\n');
    }
    (code + rest).contains("todo!(")
}
