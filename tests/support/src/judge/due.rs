//! The lines of a transcript, as people and the judge read them.

use std::fmt;

use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use super::texts;
use crate::transcript::{describe, is_object, line};

/// So many sentences are more than anybody needs to keep waiting.
pub const FLOOD: usize = 2000;

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
    /// Our side reads nothing more, or not until it reads again. Nothing fits in between: `gate.rs`.
    StopsReading,
    ReadsAgain,
    /// From now on nothing of what our side sends arrives, its pongs neither, until it speaks again.
    FallsSilent,
    SpeaksAgain,
    /// The learner's client asks for a connection. In exercises where it does so more than once.
    Connects,
    /// It gets none: our side refuses with this HTTP status, or there is nobody.
    Refuses(u16),
    IsNotThere,
    /// Our side sends [`FLOOD`] long sentences at once, or as many as are taken.
    Floods,
    /// The learner's side has taken the whole flood. This is never due.
    TakesAll,
    /// The learner's client returns this text.
    Returns(String),
    ReturnsError,
    /// The learner's side goes without a word. This is due where it has waited in vain for an answer
    /// to its close.
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
            What::StopsReading => f.write_str("stops reading"),
            What::ReadsAgain => f.write_str("reads again"),
            What::FallsSilent => f.write_str("falls silent"),
            What::SpeaksAgain => f.write_str("speaks again"),
            What::Connects => f.write_str("connects"),
            What::Refuses(status) => write!(f, "refuses with {status}"),
            What::IsNotThere => f.write_str("is not there"),
            What::Floods => write!(f, "floods: {FLOOD} long sentences"),
            What::TakesAll => write!(f, "has taken all {FLOOD} sentences"),
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
    /// Whether `self` is what was `due`: the same, and at its time, or a little later.
    ///
    /// A timer is never early, and up to 1 ms late: it counts whole milliseconds, and 0.3 s as an
    /// `f32` are a little more than 300. Where one wait follows another, that adds up.
    pub fn is(&self, due: &Line, late: u64) -> bool {
        let in_time = (due.ms..=due.ms + late).contains(&self.ms);
        in_time && self.who == due.who && self.what.is(&due.what)
    }

    /// Whether a learner's client has returned.
    pub fn is_return(&self) -> bool {
        matches!(self.what, What::Returns(_) | What::ReturnsError)
    }

    pub fn is_close(&self) -> bool {
        matches!(self.what, What::Message(Message::Close(_)))
    }

    pub fn parse(text: &str) -> Option<Line> {
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
    /// Whether this is what our side answers to a client that asks for a connection.
    pub fn is_no(&self) -> bool {
        matches!(self, What::Refuses(_) | What::IsNotThere)
    }

    pub fn is(&self, due: &What) -> bool {
        match (self, due) {
            (
                What::Message(Message::Close(Some(own))),
                What::Message(Message::Close(Some(due))),
            ) => own.code == due.code && (due.reason.is_empty() || own.reason == due.reason),
            (What::Message(Message::Text(own)), What::Message(Message::Text(due))) => {
                own == due || texts::same_json(own, due)
            }
            _ => self == due,
        }
    }

    fn parse(what: &str) -> Option<What> {
        let (verb, rest) = what.split_once(' ').unwrap_or((what, ""));
        let message = match (verb, rest) {
            ("vanishes", "") => return Some(What::Vanishes),
            ("stops", "reading") => return Some(What::StopsReading),
            ("reads", "again") => return Some(What::ReadsAgain),
            ("falls", "silent") => return Some(What::FallsSilent),
            ("speaks", "again") => return Some(What::SpeaksAgain),
            ("connects", "") => return Some(What::Connects),
            ("refuses", with) => {
                return with.strip_prefix("with ")?.parse().ok().map(What::Refuses);
            }
            ("is", "not there") => return Some(What::IsNotThere),
            ("drops", "the connection") => return Some(What::Drops),
            ("floods:", _) => return Some(What::Floods),
            ("returns", "an error") => return Some(What::ReturnsError),
            ("returns", text) => return Some(What::Returns(quoted(text)?.into())),
            ("close", "") => Message::Close(None),
            ("close", rest) => close(rest)?,
            ("ping", text) => Message::Ping(quoted(text)?.to_string().into()),
            ("pong", text) => Message::Pong(quoted(text)?.to_string().into()),
            ("binary", hex) => {
                let bytes = hex.split(' ').map(|byte| u8::from_str_radix(byte, 16).ok());
                Message::binary(bytes.collect::<Option<Vec<u8>>>()?)
            }
            _ if is_object(what) => Message::text(what),
            _ => Message::text(quoted(what)?),
        };
        Some(What::Message(message))
    }
}

/// A Close frame: `1000`, or `1000 "all is said"`.
fn close(text: &str) -> Option<Message> {
    let (code, reason) = text.split_once(' ').unwrap_or((text, "\"\""));
    let code = CloseCode::from(code.parse::<u16>().ok()?);
    Some(Message::Close(Some(CloseFrame { code, reason: quoted(reason)?.into() })))
}

fn quoted(text: &str) -> Option<&str> {
    text.strip_prefix('"')?.strip_suffix('"')
}
