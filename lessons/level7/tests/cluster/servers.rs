//! The servers, and what is said to them.

use std::time::Duration;

use futures_util::SinkExt;
use level6::{Event, Subscribe};
use level7::{Answer, Request, Said};
use support::{
    client::{Client, connect, next_chunk},
    deadline::soon,
    process::{Server, command},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};

use crate::broker::Broker;

/// A server that keeps its log at this broker.
pub async fn server(broker: &Broker, more: &[&str]) -> Server {
    let url = broker.url();
    let arguments = [&["127.0.0.1:0", "--nats", &url], more].concat();
    Server::spawn(command("live_server", &arguments).env("RUST_LOG", "warn")).await
}

/// A reader that has subscribed, with what it was told first.
pub async fn reader(server: &Server, wish: Subscribe) -> (Client, Event) {
    let mut client = connect(&server.url).await;
    say(&mut client, &Request::Subscribe(wish)).await;
    let Said::Event(hello) = next(&mut client).await else { panic!("a hello is due") };
    (client, hello)
}

pub async fn say(client: &mut Client, request: &Request) {
    client.send(request.encode()).await.expect("the server takes it");
}

/// Publishes a line, and waits for the answer.
pub async fn publish(client: &mut Client, id: &str, text: &str) -> Answer {
    say(client, &Request::Publish { id: id.into(), text: text.into() }).await;
    loop {
        if let Said::Answer(answer @ (Answer::Published { .. } | Answer::Error { .. })) =
            next(client).await
        {
            return answer;
        }
    }
}

pub fn published(id: &str, seq: u64) -> Answer {
    Answer::Published { id: id.into(), seq }
}

/// What comes next, whatever it is.
pub async fn next(client: &mut Client) -> Said {
    serde_json::from_str(&next_chunk(client).await).expect("something that a server says")
}

/// The next line, as its number and its text.
pub async fn next_line(client: &mut Client) -> (u64, String) {
    match next(client).await {
        Said::Event(Event::Line { seq, text, .. }) => (seq, text),
        other => panic!("a line is due, not {other:?}"),
    }
}

/// Whether the next notice says that lines come.
pub async fn next_notice(client: &mut Client) -> bool {
    match next(client).await {
        Said::Answer(Answer::Notice { live, .. }) => live,
        other => panic!("a notice is due, not {other:?}"),
    }
}

/// What HTTP says to a request for this path: the status.
pub async fn status(server: &Server, path: &str) -> u16 {
    let ask = async {
        let mut stream = TcpStream::connect(server.address()).await.expect("the server listens");
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("the server answers");
        answer.split_whitespace().nth(1).and_then(|it| it.parse().ok()).expect("a status")
    };
    soon(ask).await
}

/// Waits until HTTP says this.
pub async fn has_status(server: &Server, path: &str, expected: u16) {
    soon(async {
        while status(server, path).await != expected {
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}
