//! What is said on the wire: JSON, one text message each.

use serde::{Deserialize, Serialize};
use tokio_tungstenite::tungstenite::Utf8Bytes;

// ANCHOR: events
/// What the server says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Event {
    /// The answer to a subscription: what is there.
    Hello {
        /// The log's name, which holds for as long as its numbers do.
        log: String,
        /// The number of the oldest line that is kept.
        first: u64,
        /// The number of the newest line; less than `first` if there is none.
        last: u64,
        /// How many readers there are, this one included.
        #[serde(default)]
        readers: usize,
    },
    /// A line of the log.
    Line {
        /// Its number. The first line is 1, and each line has one more than the line before.
        seq: u64,
        /// When it came, in milliseconds since the log began.
        ms: u64,
        /// The line as it came, control characters included: show them, never obey them.
        text: String,
        /// Whether it came from the command's standard error.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        stderr: bool,
        /// How many readers there were when it came.
        #[serde(default)]
        readers: usize,
    },
    /// These lines, both included, are no longer there: the reader was too slow, or away too long.
    Gap {
        /// The first that is missing.
        from: u64,
        /// The last that is missing.
        to: u64,
    },
    /// No more lines will come.
    End {
        /// The command's exit status; 128 more than the signal that ended it, as in a shell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<i32>,
    },
    /// Something that a later version says. It is no reason to stop reading.
    #[serde(other)]
    Unknown,
}

/// What a client says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Request {
    /// Once, and first of all.
    Subscribe(Subscribe),
}

/// Where a reader wants to begin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscribe {
    /// The log that `after` is a number of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
    /// The last line that the reader has: it goes on with the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// Without `after`: with how many of the newest lines to begin. The default is 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tail: Option<u64>,
}
// ANCHOR_END: events

impl Event {
    /// The event as it goes over the wire.
    pub fn encode(&self) -> Utf8Bytes {
        // Plain data always becomes JSON. If it ever did not, readers would see an event of no kind
        // that they know, and nothing would panic.
        let mut json = serde_json::to_string(self).unwrap_or_default();
        json.shrink_to_fit();
        json.into()
    }
}
