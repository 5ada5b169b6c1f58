//! The assistant as the reader runs it: real processes, real sockets, real time.

mod client;
mod crowds;
mod model;
mod page;
mod texts;

#[cfg(target_os = "linux")]
mod command;

use futures_util::SinkExt;
use level5::events::{Event, Request, Status, message};
use support::{
    client::{Client, next_chunk},
    process::{Server, command},
};
use tokio::process::Command;

/// The server's command line, with what it answers by; its log shows warnings.
fn server(options: &[&str]) -> Command {
    let mut command = command("assistant_server", &[&["127.0.0.1:0"], options].concat());
    command.env("RUST_LOG", "warn").env_remove("MODEL_API_KEY");
    command
}

async fn start(options: &[&str]) -> Server {
    Server::spawn(&mut server(options)).await
}

async fn say(client: &mut Client, request: Request) {
    client.send(message(&request)).await.expect("the server reads");
}

async fn ask(client: &mut Client, id: &str, text: &str) {
    say(client, Request::Ask { id: id.into(), text: text.into() }).await;
}

async fn cancel(client: &mut Client, id: &str) {
    say(client, Request::Cancel { id: id.into() }).await;
}

async fn next_event(client: &mut Client) -> Event {
    serde_json::from_str(&next_chunk(client).await).expect("an event")
}

/// The rest of the only answer that runs: its pieces, and how it ended.
async fn rest(client: &mut Client) -> (Vec<String>, Status) {
    let mut pieces = Vec::new();
    loop {
        match next_event(client).await {
            Event::Delta { text, .. } => pieces.push(text),
            Event::Done { status, .. } => return (pieces, status),
            error @ Event::Error { .. } => panic!("{error:?}"),
        }
    }
}

/// Asks one thing, and returns the whole answer.
async fn answer(server: &Server, text: &str) -> (String, Status) {
    let mut client = support::client::connect(&server.url).await;
    ask(&mut client, "q1", text).await;
    let (pieces, status) = rest(&mut client).await;
    support::client::leave(client).await;
    (pieces.concat(), status)
}

fn failed(reason: &str) -> Status {
    Status::Failed { reason: reason.into() }
}
