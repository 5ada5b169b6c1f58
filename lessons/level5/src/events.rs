//! What goes over the wire: events in JSON, one text message each.

use serde::{Deserialize, Serialize};
use tokio_tungstenite::tungstenite::Message;

// ANCHOR: Request
/// What a client may say. Fields that are not known here are ignored: a newer client may send more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Request {
    /// A question. The client chooses the id, by which both sides know the answer.
    Ask { id: String, text: String },
    /// Stop this answer. Ignored if it is not running: it has crossed with the answer's end.
    Cancel { id: String },
}
// ANCHOR_END: Request

// ANCHOR: Event
/// What the server says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Event {
    /// The next piece of an answer; `seq` counts from 0.
    Delta { id: String, seq: u64, text: String },
    /// The one end of an answer: nothing more of this id follows.
    Done {
        id: String,
        #[serde(flatten)]
        status: Status,
    },
    /// A request that could not be understood or granted. No answer has begun because of it; if one
    /// of that id is running, it goes on.
    Error {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        reason: String,
    },
}

/// How an answer ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum Status {
    Completed,
    Cancelled,
    /// With a sentence for the reader.
    Failed {
        reason: String,
    },
}
// ANCHOR_END: Event

/// An event or a request, as a message.
pub fn message(event: &impl Serialize) -> Message {
    // Texts and numbers under known names: nothing that JSON could not say.
    Message::text(serde_json::to_string(event).expect("JSON can say it"))
}

/// The longest id, in bytes.
pub const MAX_ID: usize = 64;

/// The longest question, in bytes: 8 KiB.
pub const MAX_TEXT: usize = 8 * 1024;

/// Reads a request.
///
/// # Errors
/// The [`Event::Error`] to answer with. It quotes nothing of what was sent but a short id.
pub fn parse(text: &str) -> Result<Request, Event> {
    let (id, reason) = match serde_json::from_str(text) {
        Ok(Request::Ask { id, .. } | Request::Cancel { id }) if id.len() > MAX_ID => {
            (None, format!("the id is longer than {MAX_ID} bytes"))
        }
        Ok(Request::Ask { id, text }) if text.len() > MAX_TEXT => {
            (Some(id), format!("the text is longer than {MAX_TEXT} bytes"))
        }
        Ok(request) => return Ok(request),
        Err(error) if error.is_data() => (id_of(text), NOT_KNOWN.into()),
        Err(_no_json) => (None, "this is not JSON".into()),
    };
    Err(Event::Error { id, reason })
}

const NOT_KNOWN: &str = "no known request: an ask has an id and a text, a cancel has an id";

/// The id of a request that is otherwise not understood, so that its sender knows which one it was.
fn id_of(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Id {
        id: String,
    }
    serde_json::from_str(text).ok().map(|Id { id }| id).filter(|id| id.len() <= MAX_ID)
}
