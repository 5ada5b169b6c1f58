//! The chapter "Twenty things that people get wrong": every note is done here the wrong way, with
//! the very symptom that the chapter names, and then the right way.
//!
//! Virtual time goes with connections in memory. Where the kernel is the point there are real
//! sockets, real time, and deadlines that a busy machine keeps too.

mod ending;
mod handshake;
mod limits;
mod reading_writing;
mod time;

use std::{fmt::Display, time::Duration};

use futures_util::StreamExt;
use tokio::{
    io::duplex,
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, accept_async, client_async,
    tungstenite::{Error, Message},
};
use websocket_streaming::{ByteStream, WebSocket};

const CHAPTER: &str = include_str!("../../book/src/twenty.md");

/// For what is certain to happen.
const DEADLINE: Duration = Duration::from_secs(60);

/// The two ends of a new connection in memory: the server's and the client's. Up to `capacity`
/// bytes are under way in each direction.
async fn in_memory(capacity: usize) -> (WebSocket, WebSocket) {
    let (near, far) = duplex(capacity);
    let (near, far): (Box<dyn ByteStream>, Box<dyn ByteStream>) = (Box::new(near), Box::new(far));
    let (near, far) = tokio::join!(accept_async(near), client_async("ws://memory/", far));
    (near.expect("the server agrees"), far.expect("the client agrees").0)
}

/// The two ends of a new connection over real TCP: the server's and the client's.
async fn over_tcp() -> (WebSocketStream<TcpStream>, WebSocketStream<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let far = TcpStream::connect(address).await.expect("somebody listens");
    let (near, _peer) = listener.accept().await.expect("somebody connects");
    let ends = async { tokio::join!(accept_async(near), client_async("ws://localhost/", far)) };
    let (near, far) = soon(ends).await;
    (near.expect("the server agrees"), far.expect("the client agrees").0)
}

/// Waits for what is certain to happen.
async fn soon<F: Future>(future: F) -> F::Output {
    timeout(DEADLINE, future).await.expect("it happens before the deadline")
}

/// Waits for what must never happen.
async fn never<F: Future>(patience: Duration, future: F)
where
    F::Output: std::fmt::Debug,
{
    let outcome = timeout(patience, future).await;
    assert!(outcome.is_err(), "it happened: {outcome:?}");
}

/// Everything that comes until the connection ends: the messages, and the error if there is one.
async fn read_all<S>(socket: &mut WebSocketStream<S>) -> (Vec<Message>, Option<Error>)
where
    S: ByteStream,
{
    let mut messages = Vec::new();
    while let Some(message) = soon(socket.next()).await {
        match message {
            Ok(message) => messages.push(message),
            Err(error) => return (messages, Some(error)),
        }
    }
    (messages, None)
}

/// The error says `text`, and the chapter's note does, too.
fn assert_symptom(note: u32, error: impl Display, text: &str) {
    assert_eq!(error.to_string(), text);
    assert_chapter_names(note, text);
}

/// The symptom stands in the chapter, word for word, so that a search finds it in its note.
fn assert_chapter_names(note: u32, symptom: &str) {
    let passage = passage(note).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(passage.contains(symptom), "note {note} does not name {symptom:?}");
}

fn passage(note: u32) -> &'static str {
    let heading = format!("## {note}. ");
    let mut passages = CHAPTER.split("\n#");
    let passage = passages.find(|passage| passage.starts_with(&heading));
    passage.unwrap_or_else(|| panic!("the chapter has no note {note}"))
}

#[test]
fn the_table_of_symptoms_leads_to_twenty_notes_each_with_its_symptom_cause_and_cure() {
    let (table, notes) = CHAPTER.split_once("\n## ").expect("the table, then the notes");
    let linked = table.lines().filter_map(|row| row.strip_suffix(") |")?.split_once(" | [")).map(
        |(_symptom, link)| {
            let (number, _) = link.split_once("](#note-").expect("a link to a note");
            assert_eq!(link, format!("{number}](#note-{number}"));
            number.parse::<u32>().expect("a number")
        },
    );
    assert!(linked.eq(1..=20), "{table}");

    for note in 1..=20 {
        let passage = passage(note);
        let heading = passage.lines().next().unwrap_or_default();
        assert!(heading.ends_with(&format!("{{#note-{note}}}")), "{heading}");
        for part in ["**Symptom.**", "**Cause.**", "**Cure.**", "```rust,ignore"] {
            assert!(passage.contains(part), "note {note} has no {part}");
        }
    }
    assert_eq!(notes.matches("\n### ").count(), 20);
}
