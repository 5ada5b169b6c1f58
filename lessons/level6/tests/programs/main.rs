//! The programs as the reader runs them: real processes, real sockets, real time.
#![cfg(unix)]

mod client;
mod crowds;
mod memory;
mod resume;
mod sources;
mod terminals;

use level6::Event;
use support::{
    client::{Client, connect, next},
    process::{Server, command},
};
use tokio_tungstenite::tungstenite::Message;

/// A server on a port that the system chose, with the output of a shell's script as its log.
async fn server_of(script: &str) -> Server {
    let arguments = ["127.0.0.1:0", "--", "sh", "-c", script];
    Server::spawn(&mut command("logs_server", &arguments)).await
}

/// A reader that begins after this line.
async fn subscribed(url: &str, log: &str, after: u64) -> Client {
    use futures_util::SinkExt;
    let mut client = connect(url).await;
    let wish = format!(r#"{{"type":"subscribe","log":"{log}","after":{after}}}"#);
    client.send(Message::text(wish)).await.expect("the server reads");
    client
}

/// The next event; `None` at the end of the connection.
async fn next_event(client: &mut Client) -> Option<Event> {
    loop {
        match next(client).await? {
            Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).expect("an event")),
            Ok(_) => {}
            Err(_) => return None,
        }
    }
}

/// The texts of all lines, to the end of the log, and the status that it ended with.
async fn all_lines(url: &str) -> (Vec<(String, bool)>, Option<i32>) {
    let mut client = subscribed(url, "", 0).await;
    let mut lines = Vec::new();
    loop {
        match next_event(&mut client).await.expect("the log ends before the connection") {
            Event::Line { text, stderr, .. } => lines.push((text, stderr)),
            Event::End { status } => return (lines, status),
            Event::Gap { from, to } => panic!("a gap from {from} to {to}"),
            _ => {}
        }
    }
}
