//! The heads of HTTP that are counted. They are in `heads`, without the `\r` at each line's end.

use std::sync::LazyLock;

/// How a client's requests begin.
pub struct Client {
    pub name: &'static str,
    /// Polling, first half: leave the sentence.
    pub ask: String,
    /// Polling, second half, again and again: fetch the words that are new.
    pub poll: String,
    /// Server-sent events.
    pub events: String,
    /// The WebSocket's handshake.
    pub websocket: String,
}

/// No header more than curl sends, and for the handshake none more than the protocol demands.
pub fn small() -> Client {
    Client {
        name: "small heads",
        ask: head(include_str!("heads/small/ask.http")),
        poll: head(include_str!("heads/small/poll.http")),
        events: head(include_str!("heads/small/events.http")),
        websocket: head(include_str!("heads/small/websocket.http")),
    }
}

/// As recorded from Chromium 156 on Linux: `fetch`, `EventSource` and `WebSocket` on a page of the
/// same server, without a cookie.
pub fn browser() -> Client {
    Client {
        name: "a browser's heads",
        ask: head(include_str!("heads/browser/ask.http")),
        poll: head(include_str!("heads/browser/poll.http")),
        events: head(include_str!("heads/browser/events.http")),
        websocket: head(include_str!("heads/browser/websocket.http")),
    }
}

// The answers: what HTTP demands, and nothing more. The date is the one of HTTP's own examples.
pub static CREATED: LazyLock<String> =
    LazyLock::new(|| head(include_str!("heads/answers/created.http")));
pub static NOTHING_NEW: LazyLock<String> =
    LazyLock::new(|| head(include_str!("heads/answers/nothing_new.http")));
pub static EVENTS: LazyLock<String> =
    LazyLock::new(|| head(include_str!("heads/answers/events.http")));

pub fn new_words(words: &str) -> String {
    let head = head(include_str!("heads/answers/new_words.http"));
    head.replace("LENGTH", &words.len().to_string()) + words
}

pub fn event(event: &str) -> String {
    format!("{:x}\r\n{event}\r\n", event.len())
}

/// As it goes over the wire, with the empty line at its end.
fn head(file: &str) -> String {
    file.lines().fold(String::new(), |head, line| head + line + "\r\n") + "\r\n"
}
