//! How many answers can the assistant stream at once, and what does a word cost beside Level 4's?
//!
//!     cargo build --release --bin level4_translate_server
//!     cargo bench -p level5 --bench answers               (5,000 connections)
//!     cargo bench -p level5 --bench answers -- 1000
//!
//! Opens the connections, then asks all of them the same thing at the same time: an answer of
//! twelve words and an end. Level 4's translator is given twelve words, too. Each server is a
//! process of its own on a core of its own, the clients are on another.
//!
//! - *lost*: the connection failed, or the end did not come after twelve words.
//! - *resident memory*: the server's growth with all connections open and answering.
//! - *processor time*: the server's, from the first question to the last end, for each message.
//! - *from cancel to end*: on 200 connections, one after the other, in the middle of an answer.

#[path = "../../../benches/server/mod.rs"]
mod server;

use std::{env, time::Duration};

use anyhow::{Context, Result, ensure};
use futures_util::{SinkExt, StreamExt, stream};
use server::Server;
use tokio::{
    net::TcpStream,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};

type Socket = WebSocketStream<TcpStream>;

const ASK: &str = r#"{"type":"ask","id":"q1","text":"I am tired of polling"}"#;
const CANCEL: &str = r#"{"type":"cancel","id":"q1"}"#;
const SENTENCE: &str = "How long have you been asking the same question again and again?";
/// Twelve words and an end.
const MESSAGES: usize = 13;

/// As in the benchmark of translations: how many connections may be opening at once.
const CONCURRENT: usize = 100;
const DEADLINE: Duration = Duration::from_secs(120);
const CANCELS: usize = 200;

fn main() -> Result<()> {
    // Cargo adds an argument of its own: --bench.
    let number = env::args().skip(1).find(|argument| argument != "--bench");
    let n: usize = number.map_or(Ok(5_000), |number| number.parse()).context("how many?")?;
    // One thread, as it has one core.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let translator = support::process::binary("level4_translate_server");
    ensure!(translator.exists(), "first: cargo build --release --bin level4_translate_server");

    let server = server::start(&translator.to_string_lossy(), "127.0.0.1:0")?;
    let level4 = runtime.block_on(crowd(n, &server, SENTENCE))?;
    drop(server);
    let server = server::start(env!("CARGO_BIN_EXE_assistant_server"), "127.0.0.1:0")?;
    let level5 = runtime.block_on(crowd(n, &server, ASK))?;
    let (mut times, most) = runtime.block_on(cancels(&server))?;
    times.sort();

    println!("{:<38}{:>10}{:>10}", "", "Level 4", "Level 5");
    let row = |what: &str, value: fn(&Crowd) -> f64, digits: usize| {
        println!("{what:<38}{:>10.digits$}{:>10.digits$}", value(&level4), value(&level5));
    };
    row("answers completed", |crowd| crowd.completed as f64, 0);
    row("answers lost", |crowd| crowd.lost as f64, 0);
    row("all answered after, s", |crowd| crowd.took.as_secs_f64(), 1);
    row("resident memory a connection, KiB", |crowd| crowd.kib, 1);
    row("processor time a message, µs", Crowd::per_message, 2);
    println!("{:<38}{:>20.2}", "ratio", level5.per_message() / level4.per_message());
    println!("{:<38}{:>20.2}", "from cancel to end, median, ms", ms(times[CANCELS / 2]));
    println!("{:<38}{:>20.2}", "from cancel to end, max, ms", ms(times[CANCELS - 1]));
    println!("{:<38}{most:>20}", "words after a cancel, at most");
    Ok(())
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

struct Crowd {
    completed: usize,
    lost: usize,
    took: Duration,
    kib: f64,
    processor: Duration,
}

impl Crowd {
    fn per_message(&self) -> f64 {
        self.processor.as_secs_f64() * 1e6 / (self.completed * MESSAGES) as f64
    }
}

async fn crowd(n: usize, server: &Server, question: &'static str) -> Result<Crowd> {
    let before = server.resident_kib().context("Linux only")?;
    let sockets: Vec<_> = stream::iter(0..n)
        .map(|_| open(&server.address))
        .buffer_unordered(CONCURRENT)
        .collect()
        .await;
    let (start, processor) = (Instant::now(), server.processor_time().context("Linux only")?);
    let mut answers = JoinSet::new();
    for socket in sockets.into_iter().flatten() {
        answers.spawn(timeout(DEADLINE, answer(socket, question)));
    }
    sleep(Duration::from_millis(400)).await;
    let kib = (server.resident_kib().context("Linux only")? - before) / n as f64;
    let outcomes = answers.join_all().await;
    let took = start.elapsed();
    let processor = server.processor_time().context("Linux only")? - processor;
    let sockets: Vec<_> = outcomes.into_iter().flatten().flatten().collect();
    let completed = sockets.len();
    ensure!(completed > 0, "no answer was completed; too few open files? ulimit -n");
    stream::iter(sockets).for_each_concurrent(CONCURRENT, close).await;
    Ok(Crowd { completed, lost: n - completed, took, kib, processor })
}

async fn open(address: &str) -> Result<Socket> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    // Small, so that the client's memory stays out of the way of the server's.
    let config = WebSocketConfig::default().read_buffer_size(512);
    let url = format!("ws://{address}");
    let (socket, _response) = client_async_with_config(url, stream, Some(config)).await?;
    Ok(socket)
}

/// Asks, and takes in the answer up to its end.
async fn answer(mut socket: Socket, question: &str) -> Result<Socket> {
    socket.send(Message::text(question)).await?;
    for k in 1..=MESSAGES {
        let message = socket.next().await.context("closed before the end")??;
        let text = message.to_text()?;
        let is_end = text.is_empty() || text.contains(r#""status":"completed""#);
        ensure!(is_end == (k == MESSAGES), "message {k} is {text}");
    }
    Ok(socket)
}

/// How long each cancel took, and how many words came after one, at most.
async fn cancels(server: &Server) -> Result<(Vec<Duration>, usize)> {
    let (mut times, mut most) = (Vec::new(), 0);
    for i in 0..CANCELS {
        let mut socket = open(&server.address).await?;
        socket.send(Message::text(ASK)).await?;
        socket.next().await.context("closed")??;
        // Somewhere between two words.
        sleep(Duration::from_micros(i as u64 * 997 % 50_000)).await;
        let (start, mut words) = (Instant::now(), 0);
        socket.send(Message::text(CANCEL)).await?;
        while !socket.next().await.context("closed")??.to_text()?.contains("cancelled") {
            words += 1;
        }
        times.push(start.elapsed());
        most = most.max(words);
        close(socket).await;
    }
    Ok((times, most))
}

async fn close(mut socket: Socket) {
    let _ = socket.close(None).await;
    while socket.next().await.is_some() {}
}
