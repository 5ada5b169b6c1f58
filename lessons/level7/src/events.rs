//! What is said on the wire beyond Level 6: JSON, one text message each.

use level6::{Event, Subscribe};
use serde::{Deserialize, Serialize};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::Token;

/// The longest id of a publication, in bytes: 64.
pub const MAX_ID: usize = 64;
/// The longest line that is published, in bytes: 8 KiB.
pub const MAX_TEXT: usize = 8 * 1024;
/// The longest message of a client, in bytes: 64 KiB. JSON can write one byte as six, `\u0001`.
pub const MAX_REQUEST: usize = 64 * 1024;

/// The longest login, in bytes: 4 KiB. A client that has not logged in may send twice as much.
pub const MAX_LOGIN: usize = 4 * 1024;

// ANCHOR: events
/// What a client says.
#[derive(Debug, Deserialize, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Request {
    /// Who it is: first of all, for those that cannot say it in the handshake. Has no answer but a
    /// close 4401 where the token is none of this server's.
    Login {
        /// The token of a reader or a writer.
        token: Token,
    },
    /// Once: where to read from. A reader of Level 6 says just this.
    Subscribe(Subscribe),
    /// A line to keep. The same id again gets the same answer and makes no second line, so whoever
    /// has no answer says it again, on this connection or another, to this server or another.
    Publish {
        /// 1 to 64 bytes that no other line of any writer has.
        id: String,
        /// The line, 8 KiB at most.
        text: String,
    },
}

/// What the server says beyond Level 6's [`Event`]s.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Answer {
    /// The line is kept. Only now may its writer forget it.
    Published {
        /// Whose answer this is.
        id: String,
        /// The line's number in the log.
        seq: u64,
    },
    /// The line is not kept. The connection stays.
    Error {
        /// Whose answer this is, where it had an id that is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Why, for a person.
        reason: String,
        /// Whether the same again, later, may be kept.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        again: bool,
    },
    /// The log has become out of reach for this server, or is there again. Nothing is lost
    /// meanwhile: no line is acknowledged that is not kept.
    Notice {
        /// Whether lines come.
        live: bool,
        /// The same, for a person.
        text: String,
    },
}

/// All that a server may say.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Said {
    /// What only this level's server says.
    Answer(Answer),
    /// What Level 6's server says too.
    Event(Event),
}
// ANCHOR_END: events

impl Answer {
    /// The answer as it goes over the wire.
    pub fn encode(&self) -> Utf8Bytes {
        // Plain data always becomes JSON.
        serde_json::to_string(self).unwrap_or_default().into()
    }

    pub(crate) fn error(id: Option<String>, reason: impl Into<String>) -> Answer {
        Answer::Error { id, reason: reason.into(), again: false }
    }

    pub(crate) fn notice(live: bool) -> Answer {
        let text = if live {
            "the log is there again: lines come, and lines are kept"
        } else {
            "the log is out of reach: no lines come and none are kept until it is there again"
        };
        Answer::Notice { live, text: text.into() }
    }
}
