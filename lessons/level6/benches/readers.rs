//! What does it cost to send a log to many readers?
//!
//!     cargo bench -p level6 --bench readers
//!
//! The server is the lesson's own program, on a processor core of its own; this program reads, on
//! another. Beside it runs raw TCP: a loop that writes ready-made bytes to each connection, and does
//! nothing else. Less is not possible; how much more the log costs is the ratio.
//!
//! - *burst*: 300 lines at once to 1,000 readers, ten times.
//! - *paced*: 100 lines a second to 1,000 readers. How late a line is counts from its making here
//!   to its reading here.
//! - *many*: 10,000 readers, 10 lines of 1 KiB a second.
//! - *stopped*: 100 readers that read nothing, beside 1,000 that do. What the kernel keeps for
//!   both ends of their connections is counted.

#[path = "support/raw.rs"]
mod raw;
#[path = "support/reader.rs"]
mod reader;
#[path = "../../../benches/server/mod.rs"]
mod server;

use std::{
    env, fs,
    io::Write,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use reader::{Crowd, Stopped};
use server::Server;
use tokio::time::{interval, sleep};

const LINE: usize = 100;

fn main() -> Result<()> {
    if env::args().any(|argument| argument == "raw") {
        return raw::serve();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let only = env::args().nth(1).filter(|it| it != "--bench");
    let wanted = |name: &str| only.as_ref().is_none_or(|only| only == name);
    if wanted("burst") {
        let (raw, log) = (raw_server()?, log_server()?);
        let raw = runtime.block_on(burst("raw TCP", raw))?;
        ratio(raw, runtime.block_on(burst("the log", log))?);
    }
    if wanted("paced") {
        // The two in turns, since the machine may be busier at one time than at another.
        let (mut raw, mut log) = (0.0, 0.0);
        for _ in 0..2 {
            raw += runtime.block_on(paced("raw TCP", raw_server()?))?;
            log += runtime.block_on(paced("the log", log_server()?))?;
        }
        ratio(raw, log);
    }
    if wanted("many") {
        runtime.block_on(many(log_server()?))?;
    }
    if wanted("stopped") {
        runtime.block_on(stopped(log_server()?))?;
    }
    Ok(())
}

fn log_server() -> Result<Server> {
    server::start(env!("CARGO_BIN_EXE_logs_server"), "127.0.0.1:0")
}

fn raw_server() -> Result<Server> {
    let this = env::current_exe()?;
    server::start(this.to_str().context("a path in UTF-8")?, "raw")
}

fn ratio(raw: f64, log: f64) {
    println!("{:<46}{:>8.2}\n", "the log's processor time, raw TCP's being 1", log / raw);
}

fn row(what: &str, value: f64, unit: &str) {
    println!("{what:<46}{value:>8.2} {unit}");
}

/// Processor seconds for a million deliveries.
fn per_million(server: &Server, before: Duration, deliveries: usize) -> Result<f64> {
    let used = server.exact_processor_time().context("Linux only")? - before;
    Ok(used.as_secs_f64() * 1e6 / deliveries as f64)
}

async fn burst(name: &str, mut server: Server) -> Result<f64> {
    const READERS: usize = 1000;
    const LINES: usize = 300;
    const TIMES: usize = 10;
    let crowd = Crowd::connect(&server.address, READERS).await?;
    let before = server.exact_processor_time().context("Linux only")?;
    let mut longest = Duration::ZERO;
    for time in 1..=TIMES {
        let start = Instant::now();
        let lines: String = (0..LINES).map(|_| crowd.line(LINE)).collect();
        server.stdin.write_all(lines.as_bytes())?;
        crowd.has(READERS * LINES * time).await;
        longest = longest.max(start.elapsed());
        sleep(Duration::from_millis(50)).await;
    }
    let cost = per_million(&server, before, READERS * LINES * TIMES)?;
    println!("{LINES} lines at once to {READERS} readers: {name}");
    row("  processor time for a million deliveries", cost, "s");
    row("  until the last reader has the last line", longest.as_secs_f64(), "s");
    Ok(cost)
}

/// Writes a line every so often. Returns the processor time for a million deliveries.
async fn pace(
    server: &mut Server,
    crowd: &Crowd,
    every: Duration,
    lines: usize,
    size: usize,
) -> Result<f64> {
    let before = server.exact_processor_time().context("Linux only")?;
    let had = crowd.count();
    let mut ticks = interval(every);
    for _ in 0..lines {
        ticks.tick().await;
        server.stdin.write_all(crowd.line(size).as_bytes())?;
    }
    let deliveries = lines * crowd.len();
    crowd.has(had + deliveries).await;
    per_million(server, before, deliveries)
}

async fn paced(name: &str, mut server: Server) -> Result<f64> {
    const READERS: usize = 1000;
    let crowd = Crowd::connect(&server.address, READERS).await?;
    // The first lines find cold caches.
    pace(&mut server, &crowd, Duration::from_millis(10), 50, LINE).await?;
    crowd.forget_lateness();
    let cost = pace(&mut server, &crowd, Duration::from_millis(10), 400, LINE).await?;
    println!("100 lines a second to {READERS} readers: {name}");
    row("  processor time for a million deliveries", cost, "s");
    lateness(&crowd);
    Ok(cost)
}

fn lateness(crowd: &Crowd) {
    row("  lateness of a line, median", crowd.lateness(0.5), "ms");
    row("  lateness of a line, p99", crowd.lateness(0.99), "ms");
}

async fn many(mut server: Server) -> Result<()> {
    const READERS: usize = 10_000;
    let before = server.resident_kib().context("Linux only")?;
    let crowd = Crowd::connect(&server.address, READERS).await?;
    let cost = pace(&mut server, &crowd, Duration::from_millis(100), 50, 1024).await?;
    let resident = server.resident_kib().context("Linux only")? - before;
    println!("10 lines of 1 KiB a second to {READERS} readers: the log");
    row("  processor time for a million deliveries", cost, "s");
    row("  resident memory per reader", resident / READERS as f64, "KiB");
    lateness(&crowd);
    println!();
    Ok(())
}

async fn stopped(mut server: Server) -> Result<()> {
    const STOPPED: usize = 100;
    let crowd = Crowd::connect(&server.address, 1000).await?;
    pace(&mut server, &crowd, Duration::from_millis(10), 50, 1024).await?;
    let (resident, kernel) = (server.resident_kib().context("Linux only")?, kernel_kib()?);
    let stopped = Stopped::connect(&server.address, STOPPED).await?;
    crowd.forget_lateness();
    // Ten seconds, and 1 MB for each: more than there is room for.
    pace(&mut server, &crowd, Duration::from_millis(10), 1000, 1024).await?;
    let (resident, kernel) =
        (server.resident_kib().context("Linux only")? - resident, kernel_kib()? - kernel);
    println!(
        "100 lines of 1 KiB a second to {} readers, beside {STOPPED} that have stopped",
        crowd.len()
    );
    row("  resident memory per stopped reader", resident / STOPPED as f64, "KiB");
    row("  kernel memory per stopped reader", kernel / STOPPED as f64, "KiB");
    lateness(&crowd);
    drop(stopped);
    Ok(())
}

/// What the kernel keeps for all TCP connections.
fn kernel_kib() -> Result<f64> {
    let text = fs::read_to_string("/proc/net/sockstat")?;
    let line = text.lines().find(|line| line.starts_with("TCP:")).context("a line of TCP's")?;
    let pages: f64 = line.split(' ').next_back().context("a number")?.parse()?;
    Ok(pages * 4.0)
}
