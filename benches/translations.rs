//! How many translations can the translator of Level 4 stream at once, and at what cost?
//!
//!     cargo bench --bench translations               (10,000 connections)
//!     cargo bench --bench translations -- 1000
//!
//! Opens the connections, then has each of them translate the same sentence at the same time.
//! The server is the lesson's own program, a process of its own on a core of its own.
//!
//! - *lost*: the connection failed, or the end marker did not come after six chunks.
//! - *resident memory*: the server's growth with all connections open and translating. What the
//!   kernel keeps for a socket is not in it.
//! - *processor time*: the server's, in all: handshakes, translations and closes.
//! - *lateness*: chunk k is due k times 500 ms after its sentence was sent. The way there and
//!   back and the time that this client takes to read are in it.

mod server;

use std::{env, time::Duration};

use anyhow::{Context, Result, ensure};
use futures_util::{SinkExt, StreamExt, stream};
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

const SENTENCE: &str = "Hello world this is a test";
const CHUNKS: u32 = 6;
const CHUNK_INTERVAL: Duration = Duration::from_millis(500);

/// How many connections may be opening or closing at once. If too many opened at once, the
/// server's queue of connections to accept would overflow, and the kernel retry a second later.
const CONCURRENT: usize = 100;

/// When a translation counts as lost.
const DEADLINE: Duration = Duration::from_secs(60);

fn main() -> Result<()> {
    // Cargo adds an argument of its own: --bench.
    let number = env::args().skip(1).find(|argument| argument != "--bench");
    let n: usize = number.map_or(Ok(10_000), |number| number.parse()).context("how many?")?;
    let server = server::start(env!("CARGO_BIN_EXE_level4_translate_server"), "127.0.0.1:0")?;
    // One thread, as it has one core.
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run(n, &server))
}

async fn run(n: usize, server: &server::Server) -> Result<()> {
    let resident_before = server.resident_kib();
    let start = Instant::now();
    let sockets: Vec<_> = stream::iter(0..n)
        .map(|_| open(&server.address))
        .buffer_unordered(CONCURRENT)
        .collect()
        .await;
    let opened = start.elapsed();

    let mut translations = JoinSet::new();
    for socket in sockets.into_iter().flatten() {
        translations.spawn(timeout(DEADLINE, translate(socket)));
    }
    // Between the third chunk and the fourth.
    sleep(CHUNK_INTERVAL * 7 / 2).await;
    let resident = server.resident_kib();

    let outcomes = translations.join_all().await;
    let (sockets, lateness): (Vec<_>, Vec<_>) = outcomes.into_iter().flatten().flatten().unzip();
    let complete = sockets.len();
    // Only now, so that no client's goodbye comes between another and its chunks.
    stream::iter(sockets).for_each_concurrent(CONCURRENT, close).await;

    let mut lateness = lateness.concat();
    lateness.sort();
    ensure!(!lateness.is_empty(), "no translation was completed; too few open files? ulimit -n");
    let quantile =
        |q: f64| lateness[((lateness.len() - 1) as f64 * q) as usize].as_secs_f64() * 1e3;

    let row = |what: &str, value: Option<f64>, unit: &str| match value {
        Some(value) => println!("{what:<34}{value:>9.1} {unit}"),
        None => println!("{what:<34}{:>9} (Linux only)", "-"),
    };
    println!("translations completed{:>21}", complete);
    println!("translations lost{:>26}", n - complete);
    let growth = resident.zip(resident_before).map(|(during, before)| during - before);
    row("opening all connections", Some(opened.as_secs_f64()), "s");
    row("resident memory per connection", growth.map(|kib| kib / n as f64), "KiB");
    row("processor time, server, in all", server.processor_time().map(|t| t.as_secs_f64()), "s");
    row("lateness of a chunk, median", Some(quantile(0.5)), "ms");
    row("lateness of a chunk, p99", Some(quantile(0.99)), "ms");
    row("lateness of a chunk, max", Some(quantile(1.0)), "ms");
    Ok(())
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

/// Has the sentence translated. Returns how late each chunk was.
async fn translate(mut socket: Socket) -> Result<(Socket, Vec<Duration>)> {
    let start = Instant::now();
    socket.send(Message::text(SENTENCE)).await?;
    let mut lateness = Vec::with_capacity(CHUNKS as usize);
    for k in 1..=CHUNKS {
        let chunk = socket.next().await.context("closed before the end marker")??;
        ensure!(chunk.is_text() && !chunk.is_empty(), "the end marker came after {} chunks", k - 1);
        lateness.push(start.elapsed().saturating_sub(CHUNK_INTERVAL * k));
    }
    let end = socket.next().await.context("closed before the end marker")??;
    ensure!(end.is_text() && end.is_empty(), "no end marker after {CHUNKS} chunks");

    Ok((socket, lateness))
}

async fn close(mut socket: Socket) {
    let _ = socket.close(None).await;
    while socket.next().await.is_some() {}
}
