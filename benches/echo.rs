//! What does `serve` cost? An echo under it, against the same echo under a bare accept loop.
//!
//!     cargo bench --bench echo
//!
//! Each server is a process of its own; both share one core, and the client has another. In turn
//! each answers 64 connections, with one message of 16 bytes under way on each. The client writes
//! and reads ready-made frames, so that it is the server that has no time to spare.
//!
//! - *msg/s*: messages answered per second. Other programs on the same core disturb it.
//! - *µs/msg*: the server's processor time per message, which they hardly disturb. Linux only.
//!
//! What the bare loop leaves out is what `serve` is for: deadlines, handlers that may panic, the
//! shutdown, the closing handshake, and streams that need not be TCP (its socket is boxed).

mod server;

use std::{env, time::Duration};

use anyhow::{Result, ensure};
use futures_util::{SinkExt, StreamExt, future::try_join_all};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::Runtime,
    time::Instant,
};
use tokio_tungstenite::{accept_async_with_config, client_async, tungstenite::Message};
use websocket_streaming::{WebSocket, config, listen, next_text, serve};

use server::Server;

const CONNECTIONS: usize = 64;
const MESSAGE: &[u8] = b"16 bytes of text";
const ROUNDS: usize = 9;
const ROUND: Duration = Duration::from_secs(1);

fn main() -> Result<()> {
    match env::args().nth(1).as_deref() {
        Some("serve") => Runtime::new()?.block_on(with_serve()),
        Some("bare") => Runtime::new()?.block_on(with_bare_loop()),
        _ => measure(),
    }
}

async fn with_serve() -> Result<()> {
    serve(listen("127.0.0.1:0").await?, echo, std::future::pending()).await;
    Ok(())
}

async fn echo(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        socket.send(Message::Text(text)).await?;
    }
    Ok(())
}

async fn with_bare_loop() -> Result<()> {
    let listener = listen("127.0.0.1:0").await?;
    loop {
        let (stream, _peer) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(bare_echo(stream));
    }
}

async fn bare_echo(stream: TcpStream) -> Result<()> {
    let mut socket = accept_async_with_config(stream, Some(config())).await?;
    while let Some(message) = socket.next().await {
        if let Message::Text(text) = message? {
            socket.send(Message::Text(text)).await?;
        }
    }
    Ok(())
}

fn measure() -> Result<()> {
    let this_program = env::current_exe()?.to_string_lossy().into_owned();
    let bare = server::start(&this_program, "bare")?;
    let serve = server::start(&this_program, "serve")?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let mut to_bare = connect(&bare).await?;
        let mut to_serve = connect(&serve).await?;
        // The first round only warms up.
        round(&bare, &mut to_bare).await?;
        round(&serve, &mut to_serve).await?;

        println!("{:<6}{:>20}{:>22}", "", "bare loop", "serve");
        println!("{:<6}{:>10}{:>10}{:>12}{:>10}", "round", "msg/s", "µs/msg", "msg/s", "µs/msg");
        let mut rounds = vec![];
        for i in 1..=ROUNDS {
            let (bare_rate, bare_time) = round(&bare, &mut to_bare).await?;
            let (serve_rate, serve_time) = round(&serve, &mut to_serve).await?;
            rounds.push([bare_rate, bare_time, serve_rate, serve_time]);
            print_row(&i.to_string(), rounds[i - 1]);
        }
        let medians = [0, 1, 2, 3].map(|column| {
            let mut column: Vec<f64> = rounds.iter().map(|row| row[column]).collect();
            column.sort_by(f64::total_cmp);
            column[ROUNDS / 2]
        });
        print_row("median", medians);
        println!("serve answers {:.1} % as many as the bare loop", 100.0 * medians[2] / medians[0]);
        Ok(())
    })
}

fn print_row(name: &str, [bare_rate, bare_time, serve_rate, serve_time]: [f64; 4]) {
    println!("{name:<6}{bare_rate:>10.0}{bare_time:>10.2}{serve_rate:>12.0}{serve_time:>10.2}");
}

async fn connect(server: &Server) -> Result<Vec<TcpStream>> {
    let mut streams = vec![];
    for _ in 0..CONNECTIONS {
        let stream = TcpStream::connect(&server.address).await?;
        stream.set_nodelay(true)?;
        let (socket, _response) = client_async(format!("ws://{}", server.address), stream).await?;
        streams.push(socket.into_inner());
    }
    Ok(streams)
}

/// Returns the messages answered per second, and the server's processor time per message in µs.
async fn round(server: &Server, streams: &mut [TcpStream]) -> Result<(f64, f64)> {
    let (start, time_before) = (Instant::now(), server.processor_time());
    let counts = try_join_all(streams.iter_mut().map(|stream| exchange(stream, start))).await?;
    let messages = counts.iter().sum::<u64>() as f64;
    let rate = messages / start.elapsed().as_secs_f64();
    let time = server.processor_time().zip(time_before).map(|(after, before)| after - before);
    Ok((rate, time.map_or(f64::NAN, |time| time.as_secs_f64() * 1e6 / messages)))
}

async fn exchange(stream: &mut TcpStream, start: Instant) -> Result<u64> {
    // A text message that is one frame (section 5.2): FIN and opcode, length, and from a client
    // the mask, here of zeros, which leave the payload as it is.
    let question = [&[0x81, 0x80 | 16, 0, 0, 0, 0], MESSAGE].concat();
    let expected = [&[0x81, 16], MESSAGE].concat();
    let mut answer = vec![0; expected.len()];
    let mut count = 0;
    while start.elapsed() < ROUND {
        stream.write_all(&question).await?;
        stream.read_exact(&mut answer).await?;
        ensure!(answer == expected, "not an echo: {answer:?}");
        count += 1;
    }
    Ok(count)
}
