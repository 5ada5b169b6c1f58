//! What it costs: each line of the table compares two ways of doing the same.
//!
//!     cargo bench --bench costs
//!
//! Each server is a process of its own on a core of its own, the clients are on another. Figures of
//! different machines cannot be compared; the ratios in the last column mostly can.

mod server;

use std::{env, thread, time::Duration};

use anyhow::{Context, Result, ensure};
use futures_util::{FutureExt, SinkExt, StreamExt, future::try_join_all};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::{Builder, Runtime},
    time::{Instant, sleep},
};
use tokio_tungstenite::{accept_async, client_async, tungstenite::Message};
use websocket_streaming::{Handler, WebSocket, listen, next_text, serve};

use server::Server;

/// One message as a client's frame (section 5.2): FIN and opcode, length, a mask of zeros.
const QUESTION: &[u8] = b"\x81\x90\0\0\0\x0016 bytes of text";
/// The same as a server's frame, which has no mask.
const ANSWER: &[u8] = b"\x81\x1016 bytes of text";
const ROUND: Duration = Duration::from_secs(2);

fn main() -> Result<()> {
    match env::args().nth(1).as_deref() {
        Some("send") => Runtime::new()?.block_on(with(echo)),
        Some("burst") => Runtime::new()?.block_on(with(echo_in_bursts)),
        Some("large-buffers") => Runtime::new()?.block_on(with_large_buffers()),
        Some("blocking") => one_thread()?.block_on(with(think_and_block)),
        Some("waiting") => one_thread()?.block_on(with(think)),
        _ => one_thread()?.block_on(measure()),
    }
}

fn one_thread() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

// ---------------------------------------------------------------- the servers

async fn with(handler: impl Handler) -> Result<()> {
    serve(listen("127.0.0.1:0").await?, handler, std::future::pending()).await;
    Ok(())
}

// ANCHOR: echoes
async fn echo(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        socket.send(Message::Text(text)).await?;
    }
    Ok(())
}

/// Answers all that has come by now with one write to the network.
async fn echo_in_bursts(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        socket.feed(Message::Text(text)).await?;
        // 64 at most, so that a client that never stops gets its answers all the same.
        for _ in 1..64 {
            // What is there without waiting; otherwise the wait is dropped, and nothing is lost.
            match next_text(socket).now_or_never() {
                Some(text) => match text? {
                    Some(text) => socket.feed(Message::Text(text)).await?,
                    None => return Ok(()),
                },
                None => break,
            }
        }
        socket.flush().await?;
    }
    Ok(())
}
// ANCHOR_END: echoes

const THOUGHT: Duration = Duration::from_millis(20);

async fn think_and_block(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        thread::sleep(THOUGHT);
        socket.send(Message::Text(text)).await?;
    }
    Ok(())
}

async fn think(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        sleep(THOUGHT).await;
        socket.send(Message::Text(text)).await?;
    }
    Ok(())
}

/// The accept loop of Level 1, with tungstenite's own buffers.
async fn with_large_buffers() -> Result<()> {
    let listener = listen("127.0.0.1:0").await?;
    loop {
        let (stream, _peer) = listener.accept().await?;
        tokio::spawn(async move {
            let mut socket = accept_async(stream).await?;
            while socket.next().await.transpose()?.is_some() {}
            anyhow::Ok(())
        });
    }
}

// ---------------------------------------------------------------- the measurements

async fn measure() -> Result<()> {
    println!("{:<50}{:>11}{:>11}{:>8}", "", "one way", "another", "ratio");
    let (send, burst) = (start("send")?, start("burst")?);
    for under_way in [64, 1] {
        // The first round only warms up.
        rate(&send, under_way).await?;
        rate(&burst, under_way).await?;
        let rates = [rate(&send, under_way).await?, rate(&burst, under_way).await?];
        let name = format!("messages/s, 8 x {under_way} under way: send, feed and flush");
        row(&name, rates, rates[1] / rates[0]);
    }
    let sizes = [memory(&start("large-buffers")?).await?, memory(&send).await?];
    row("KiB an idle client: buffer of 128 KiB, of 4 KiB", sizes, sizes[0] / sizes[1]);

    let (blocking, waiting) = (start("blocking")?, start("waiting")?);
    let times = [slowest(&blocking).await?, slowest(&waiting).await?];
    row("ms for 10 clients: 20 ms blocked, 20 ms awaited", times, times[0] / times[1]);

    let late = [lateness(false).await?, lateness(true).await?];
    row("ms that a chunk is late: Nagle on, off (median)", late, late[0] / late[1]);
    Ok(())
}

fn row(name: &str, [one, other]: [f64; 2], ratio: f64) {
    println!("{name:<50}{one:>11.2}{other:>11.2}{ratio:>8.1}");
}

fn start(mode: &str) -> Result<Server> {
    server::start(&env::current_exe()?.to_string_lossy(), mode)
}

/// Messages answered per second, with so many under way on each of 8 connections.
async fn rate(server: &Server, under_way: usize) -> Result<f64> {
    let mut streams = vec![];
    for _ in 0..8 {
        streams.push(connect(server).await?);
    }
    let start = Instant::now();
    let counts = try_join_all(streams.iter_mut().map(async |stream| {
        let questions = QUESTION.repeat(under_way);
        let expected = ANSWER.repeat(under_way);
        let mut answers = vec![0; expected.len()];
        let mut count = 0;
        while start.elapsed() < ROUND {
            stream.write_all(&questions).await?;
            stream.read_exact(&mut answers).await?;
            ensure!(answers == expected, "not an echo");
            count += under_way;
        }
        Ok(count)
    }))
    .await?;
    Ok(counts.iter().sum::<usize>() as f64 / start.elapsed().as_secs_f64())
}

/// KiB that 500 connections hold which say nothing, for each of them. Linux only.
async fn memory(server: &Server) -> Result<f64> {
    let before = server.resident_kib().context("only Linux tells")?;
    let mut idle = vec![];
    for _ in 0..500 {
        idle.push(connect(server).await?);
    }
    sleep(Duration::from_millis(200)).await;
    let after = server.resident_kib().context("only Linux tells")?;
    Ok((after - before) / idle.len() as f64)
}

/// How long the last of 10 clients that ask at once waits for its answer, in ms.
async fn slowest(server: &Server) -> Result<f64> {
    let mut streams = vec![];
    for _ in 0..10 {
        streams.push(connect(server).await?);
    }
    let start = Instant::now();
    try_join_all(streams.iter_mut().map(async |stream| {
        stream.write_all(QUESTION).await?;
        stream.read_exact(&mut [0; ANSWER.len()]).await
    }))
    .await?;
    Ok(start.elapsed().as_secs_f64() * 1000.0)
}

/// A connection whose handshake is done, for ready-made frames.
async fn connect(server: &Server) -> Result<TcpStream> {
    let stream = TcpStream::connect(&server.address).await?;
    stream.set_nodelay(true)?;
    let (socket, _response) = client_async(format!("ws://{}", server.address), stream).await?;
    Ok(socket.into_inner())
}

/// The median of how long 500 chunks are under way, in ms: one every 2 ms, while the client speaks
/// too. Both ends are here, so that they have one clock.
async fn lateness(nodelay: bool) -> Result<f64> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let far = TcpStream::connect(listener.local_addr()?).await?;
    let (near, _peer) = listener.accept().await?;
    near.set_nodelay(nodelay)?;
    far.set_nodelay(nodelay)?;
    let ends = tokio::join!(accept_async(near), client_async("ws://localhost/", far));
    let (near, (far, _response)) = (ends.0?, ends.1?);
    let (start, mut late) = (Instant::now(), vec![]);
    let (mut near_sender, mut near_receiver) = near.split();
    let (mut far_sender, mut far_receiver) = far.split();
    let speak = async {
        for _ in 0..500 {
            let now = start.elapsed().as_micros().to_string();
            near_sender.send(Message::text(now)).await?;
            sleep(Duration::from_millis(2)).await;
        }
        // The last ones are under way.
        sleep(Duration::from_millis(200)).await;
        anyhow::Ok(())
    };
    let hear = async {
        while let Some(message) = far_receiver.next().await {
            let sent: f64 = message?.to_text()?.parse()?;
            late.push(start.elapsed().as_micros() as f64 - sent);
        }
        anyhow::Ok(())
    };
    let answer = async {
        while far_sender.send(Message::text("I am here")).await.is_ok() {
            sleep(Duration::from_millis(3)).await;
        }
    };
    let listen = async { while let Some(Ok(_)) = near_receiver.next().await {} };
    // When all is said, the others are dropped.
    tokio::select! {
        said = speak => said?,
        heard = hear => heard?,
        () = answer => {}
        () = listen => {}
    }
    late.sort_by(f64::total_cmp);
    Ok(late[late.len() / 2] / 1000.0)
}
