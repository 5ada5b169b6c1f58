//! Three clients at once against one thread: the recordings that the book's console replays.

#[path = "../../lessons/level3/async_server.rs"]
#[expect(dead_code, reason = "its main is not called here")]
mod async_server;

use std::{fmt::Write, time::Duration};

use futures_util::{SinkExt, future::join_all};
use support::{
    assert_snapshot,
    client::{connect, next},
    connection::{Served, shake_hands},
    process::Server,
    transcript::{describe, line},
};
use tokio::time::Instant;
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};
use websocket_streaming::ByteStream;

const CLIENTS: usize = 3;
const WORK: Duration = Duration::from_millis(500);

/// In memory and in virtual time, so to the millisecond.
#[tokio::test(start_paused = true)]
async fn an_async_server_answers_three_clients_together() {
    let connections = (0..CLIENTS).map(|_| shake_hands(Served::by(async_server::work).stream));
    let answers = all_ask(join_all(connections).await).await;
    assert_snapshot("level3_async_transcript", &transcript(&answers));
}

/// A handler that blocks its thread cannot be played in virtual time: the clock would stand still.
/// So this one is a process, in real time. An answer may be late on a busy machine but never early,
/// so its time is given as the half second in which it came.
#[tokio::test]
async fn a_blocking_server_answers_three_clients_one_after_another() {
    let server = Server::start("level3_blocking_server").await;
    let due: Vec<Duration> = (1..=CLIENTS as u32).map(|n| n * WORK).collect();
    let mut answers = Vec::new();
    // More than one try, for an answer that is late by half a second.
    for _ in 0..5 {
        let connections = (0..CLIENTS).map(|_| connect(&server.url));
        answers = all_ask(join_all(connections).await).await;
        for (answer, due) in answers.iter_mut().zip(&due) {
            assert!(answer.0 >= *due, "too early, so it did not wait for its turn: {answer:?}");
            answer.0 -= Duration::from_nanos((answer.0.as_nanos() % WORK.as_nanos()) as u64);
        }
        if answers.iter().map(|answer| answer.0).eq(due.iter().copied()) {
            break;
        }
    }
    assert_snapshot("level3_blocking_transcript", &transcript(&answers));
}

/// Lets all clients ask at the same moment. Returns the answers and their times, as they came.
async fn all_ask<S>(mut sockets: Vec<WebSocketStream<S>>) -> Vec<(Duration, Message)>
where
    S: ByteStream,
{
    let start = Instant::now();
    let asking = sockets.iter_mut().map(async |socket| {
        socket.send(Message::text("please")).await.expect("the server is there");
        let answer = next(socket).await;
        (start.elapsed(), answer.expect("an answer").expect("no error"))
    });
    let mut answers = join_all(asking).await;
    answers.sort_by_key(|answer| answer.0);
    answers
}

/// Which client a blocked server takes first is up to the system: so they are numbered in the order
/// of their answers.
fn transcript(answers: &[(Duration, Message)]) -> String {
    let mut lines = String::new();
    for (i, _) in answers.iter().enumerate() {
        let question = describe(&Message::text("please"));
        let line = line(0, &format!("client {}          ", i + 1), &question);
        writeln!(lines, "{line}").expect("a string takes all");
    }
    for (i, (time, answer)) in answers.iter().enumerate() {
        let who = format!("server to client {}", i + 1);
        let line = line(time.as_millis(), &who, &describe(answer));
        writeln!(lines, "{line}").expect("a string takes all");
    }
    lines
}
