//! What it costs to bring the six words of Level 4's translation to a client, in four ways.
//!
//! Every byte counted here has passed through a stream in memory, in virtual time. Such a stream
//! takes no time, so the delays are what each way adds to the journey, not the journey.

#[path = "../../lessons/level4/translate_server.rs"]
#[expect(dead_code, reason = "its main is not called here")]
mod translate_server;

use std::{fmt::Write, time::Duration};

use futures_util::{SinkExt, StreamExt};
use support::{assert_snapshot, connection::Served, deadline::soon};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{Instant, sleep},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::Role},
};
use translate_server::translate;

use crate::{
    handshake::lines,
    heads::{self, CREATED, Client, EVENTS, NOTHING_NEW, new_words},
    http::{http_server, read_answer, read_chunk, read_head},
    tap::Tap,
};

const SENTENCE: &str = "Hello world this is a test";
pub const WORDS: [&str; 6] = ["你好 ", "世界 ", "这 ", "是 ", "一个 ", "测试 "];
pub const PACE: Duration = Duration::from_millis(500);

/// What one way took for all six words.
struct Cost {
    bytes: usize,
    requests: usize,
    /// For each word, from its being ready to its arrival.
    delays: Vec<Duration>,
    /// What one word took, `你好 `, with all that had to be sent for it.
    one_word: usize,
}

#[tokio::test(start_paused = true)]
async fn what_six_words_cost_by_polling_by_events_and_by_websocket() {
    let mut table = String::from("six words, 500 ms apart, and an end marker\n");
    for client in [heads::small(), heads::browser()] {
        writeln!(
            table,
            "\n{:<22}  requests  all bytes  for one word  mean delay  longest",
            client.name
        )
        .expect("a string takes all");
        for (way, costs) in [
            ("polling every 100 ms", poll_in_every_phase(&client, 100).await),
            ("polling every 500 ms", poll_in_every_phase(&client, 500).await),
            ("server-sent events", vec![soon(events(&client)).await]),
            ("WebSocket", vec![soon(websocket(&client)).await]),
        ] {
            let first = &costs[0];
            assert!(costs.iter().all(|cost| cost.bytes == first.bytes), "{way}: phases differ");
            let delays: Vec<Duration> = costs.iter().flat_map(|cost| cost.delays.clone()).collect();
            let count = u32::try_from(delays.len()).expect("there are few");
            let mean = delays.iter().sum::<Duration>() / count;
            let longest = delays.iter().max().expect("there are six at least");
            writeln!(
                table,
                "  {way:<20}  {:>8}  {:>9}  {:>12}  {:>7} ms  {:>4} ms",
                first.requests,
                first.bytes,
                first.one_word,
                mean.as_millis(),
                longest.as_millis(),
            )
            .expect("a string takes all");
        }
    }
    assert_snapshot("wire_byte_counts", &table);
    assert_snapshot("wire_heads", &all_heads());
}

/// All that was assumed for the table.
fn all_heads() -> String {
    let mut shown = String::new();
    for client in [heads::small(), heads::browser()] {
        for (what, head) in [
            ("polling, once", client.ask),
            ("polling, each time", client.poll),
            ("server-sent events", client.events),
            ("WebSocket", client.websocket),
        ] {
            let (name, size) = (client.name, head.len());
            writeln!(shown, "{name}: {what} ({size} bytes)\n{}", lines(head.as_bytes()))
                .expect("a string takes all");
        }
    }
    for (what, answer) in [
        ("polling, once", CREATED.clone()),
        ("polling, nothing new", NOTHING_NEW.clone()),
        ("polling, a word", new_words(WORDS[0])),
        ("server-sent events, the head", EVENTS.clone()),
        ("server-sent events, a word", heads::event(&format!("data: {}\n\n", WORDS[0]))),
    ] {
        writeln!(shown, "answer: {what} ({} bytes)\n{}", answer.len(), lines(answer.as_bytes()))
            .expect("a string takes all");
    }
    shown
}

/// Where the polls fall between the words is chance, so every whole millisecond is tried, except
/// the one at which a poll and a word come at the same moment.
async fn poll_in_every_phase(client: &Client, interval_ms: u64) -> Vec<Cost> {
    let mut costs = Vec::new();
    for phase_ms in 1..interval_ms {
        let (phase, interval) =
            (Duration::from_millis(phase_ms), Duration::from_millis(interval_ms));
        costs.push(soon(poll(client, phase, interval)).await);
    }
    costs
}

async fn poll(client: &Client, phase: Duration, interval: Duration) -> Cost {
    let (mut stream, gauge) = http_server();
    let start = Instant::now();
    stream.write_all(client.ask.as_bytes()).await.expect("there is room");
    stream.write_all(SENTENCE.as_bytes()).await.expect("there is room");
    read_answer(&mut stream).await;

    let mut requests = 1;
    let mut arrivals = Vec::new();
    let mut one_word = 0;
    sleep(phase).await;
    loop {
        let before = gauge.total();
        stream.write_all(client.poll.as_bytes()).await.expect("there is room");
        requests += 1;
        let words = read_answer(&mut stream).await;
        if words.trim_end_matches('\n') == WORDS[arrivals.len()] {
            arrivals.push(start.elapsed());
            if arrivals.len() == 1 {
                one_word = gauge.total() - before;
            }
        }
        if words.ends_with('\n') {
            break;
        }
        sleep(interval).await;
    }
    Cost { bytes: gauge.total(), requests, delays: delays(&arrivals), one_word }
}

async fn events(client: &Client) -> Cost {
    let (mut stream, gauge) = http_server();
    let start = Instant::now();
    stream.write_all(client.events.as_bytes()).await.expect("there is room");
    read_head(&mut stream).await;

    let mut arrivals = Vec::new();
    let mut one_word = 0;
    loop {
        let event = read_chunk(&mut stream).await;
        if event.is_empty() {
            break;
        }
        if arrivals.len() < WORDS.len() {
            assert_eq!(event, format!("data: {}\n\n", WORDS[arrivals.len()]));
            arrivals.push(start.elapsed());
            if arrivals.len() == 1 {
                one_word = heads::event(&event).len();
            }
        }
    }
    Cost { bytes: gauge.total(), requests: 1, delays: delays(&arrivals), one_word }
}

/// The lesson's own server, and the client's side of the same conversation.
async fn websocket(client: &Client) -> Cost {
    let server = Served::by(translate);
    let (mut stream, gauge) = Tap::new(server.stream);
    let start = Instant::now();
    stream.write_all(client.websocket.as_bytes()).await.expect("there is room");
    while !gauge.read().received.ends_with(b"\r\n\r\n") {
        stream.read_u8().await.expect("the server answers");
    }
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;

    socket.send(Message::text(SENTENCE)).await.expect("the server is there");
    let mut arrivals = Vec::new();
    let mut one_word = 0;
    loop {
        let before = gauge.total();
        let message = socket.next().await.expect("a word comes").expect("it is well-formed");
        let word = message.to_text().expect("it is text");
        if word.is_empty() {
            break;
        }
        assert_eq!(word, WORDS[arrivals.len()]);
        arrivals.push(start.elapsed());
        if arrivals.len() == 1 {
            one_word = gauge.total() - before;
        }
    }
    socket.close(None).await.expect("the server is there");
    while socket.next().await.is_some() {}
    server.ended.await.expect("the server does not panic");
    Cost { bytes: gauge.total(), requests: 1, delays: delays(&arrivals), one_word }
}

fn delays(arrivals: &[Duration]) -> Vec<Duration> {
    assert_eq!(arrivals.len(), WORDS.len());
    (1..).zip(arrivals).map(|(i, arrival)| *arrival - PACE * i).collect()
}
