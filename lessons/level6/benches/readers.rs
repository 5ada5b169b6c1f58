//! What does it cost to send a log to many readers?
//!
//!     cargo bench -p level6 --bench readers             (about three minutes; Linux, two cores)
//!     cargo bench -p level6 --bench readers -- paced    (one of the four alone)
//!
//! The server is a program of its own, on a processor core of its own; this program reads, on
//! another. The lesson's `logs_server` is measured beside others in the same run:
//!
//! - *raw TCP* writes ready-made bytes to each connection, and does nothing else. Less is not
//!   possible. Once it is one loop, without tokio; once a task for each connection, as in the log.
//! - *broadcast, a send each* is what most people write first, with our own library.
//! - Python's `websockets` and node's `ws` are 30 lines each in `peers`, if they are installed.
//!
//! Four things are measured:
//!
//! - *burst*: 300 lines at once to 1,000 readers, ten times.
//! - *paced*: 100 lines a second to 1,000 readers, for 4 s, in two rounds. How late a line is counts
//!   from its making here to its reading here.
//! - *many*: 10,000 readers, 10 lines of 1 KiB a second, for 5 s.
//! - *stopped*: 100 readers that read nothing, beside 1,000 that do, the log alone. What the kernel
//!   keeps for both ends of their connections is counted.

#[path = "support/input.rs"]
mod input;
#[path = "support/peers.rs"]
mod peers;
#[path = "support/raw.rs"]
mod raw;
#[path = "support/reader.rs"]
mod reader;
#[path = "support/send_each.rs"]
mod send_each;
#[path = "../../../benches/server/mod.rs"]
mod server;

use std::{
    env, fs,
    io::Write,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use peers::Peer;
use reader::{Crowd, Stopped};
use server::Server;
use tokio::{
    runtime::Runtime,
    time::{interval, sleep},
};

const LINE: usize = 100;

fn main() -> Result<()> {
    if let Some(served) = Peer::serve_if_asked() {
        return served;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let only = env::args().nth(1).filter(|it| it != "--bench");
    let wanted = |name: &str| only.as_ref().is_none_or(|only| only == name);
    let here = Peer::all_here();
    let bare = |peer: &Peer| matches!(peer, Peer::RawLoop | Peer::RawTasks);
    if wanted("burst") {
        table("300 lines at once to 1,000 readers", &here, 1, |peer| burst(&runtime, peer))?;
    }
    if wanted("paced") {
        // In turns, since the machine may be busier at one time than at another.
        table("100 lines a second to 1,000 readers", &here, 2, |peer| paced(&runtime, peer))?;
    }
    if wanted("many") {
        let title = "10 lines of 1 KiB a second to 10,000 readers";
        let servers: Vec<Peer> = here.iter().copied().filter(|peer| !bare(peer)).collect();
        table(title, &servers, 1, |peer| many(&runtime, peer))?;
    }
    if wanted("stopped") {
        runtime.block_on(stopped(Peer::Log.start()?))?;
    }
    Ok(())
}

/// What was measured of a server.
struct Figures {
    /// Processor seconds for a million deliveries.
    cost: f64,
    /// Of a line, in milliseconds.
    median: f64,
    p99: f64,
    /// Resident memory per reader, in KiB.
    memory: f64,
}

/// Measures all in turns, and prints the mean of each.
fn table(
    title: &str,
    peers: &[Peer],
    rounds: usize,
    measure: impl Fn(Peer) -> Result<Figures>,
) -> Result<()> {
    let mut rows: Vec<Vec<Figures>> = peers.iter().map(|_| Vec::new()).collect();
    for _ in 0..rounds {
        for (row, peer) in rows.iter_mut().zip(peers) {
            row.push(measure(*peer)?);
        }
    }
    println!("\n{title}");
    println!("{:<24}{:>18}{:>20}{:>12}", "", "processor time", "lateness of a line", "memory");
    println!(
        "{:<24}{:>11}{:>7}{:>11}{:>9}{:>12}",
        "", "s/million", "ratio", "median ms", "p99 ms", "KiB/reader"
    );
    let mean = |row: &[Figures], of: fn(&Figures) -> f64| {
        row.iter().map(of).sum::<f64>() / row.len() as f64
    };
    let first = mean(&rows[0], |it| it.cost);
    for (row, peer) in rows.iter().zip(peers) {
        let cost = mean(row, |it| it.cost);
        println!(
            "{:<24}{cost:>11.2}{:>7.2}{:>11.2}{:>9.2}{:>12.2}",
            peer.name(),
            cost / first,
            mean(row, |it| it.median),
            mean(row, |it| it.p99),
            mean(row, |it| it.memory),
        );
    }
    Ok(())
}

/// Connects the readers, lets `load` write lines, and notes what that costs. `load` gives the
/// number of lines that it has written.
async fn measure(
    mut server: Server,
    readers: usize,
    warm_up: usize,
    load: impl AsyncFnOnce(&mut Server, &Crowd) -> Result<usize>,
) -> Result<Figures> {
    let before = server.resident_kib().context("Linux only")?;
    let crowd = Crowd::connect(&server.address, readers).await?;
    // The first lines find cold caches.
    pace(&mut server, &crowd, Duration::from_millis(10), warm_up, LINE).await?;
    crowd.forget_lateness();
    let time = server.exact_processor_time().context("Linux only")?;
    let lines = load(&mut server, &crowd).await?;
    let used = server.exact_processor_time().context("Linux only")? - time;
    let resident = server.resident_kib().context("Linux only")? - before;
    Ok(Figures {
        cost: used.as_secs_f64() * 1e6 / (lines * readers) as f64,
        median: crowd.lateness(0.5),
        p99: crowd.lateness(0.99),
        memory: resident / readers as f64,
    })
}

fn burst(runtime: &Runtime, peer: Peer) -> Result<Figures> {
    const LINES: usize = 300;
    const TIMES: usize = 10;
    let load = async |server: &mut Server, crowd: &Crowd| {
        let mut longest = Duration::ZERO;
        for _ in 0..TIMES {
            let start = Instant::now();
            let had = crowd.count();
            let lines: String = (0..LINES).map(|_| crowd.line(LINE)).collect();
            server.stdin.write_all(lines.as_bytes())?;
            crowd.has(had + crowd.len() * LINES).await;
            longest = longest.max(start.elapsed());
            sleep(Duration::from_millis(50)).await;
        }
        println!("{:<24}the last reader has the last line after {longest:.2?}", peer.name());
        Ok(LINES * TIMES)
    };
    runtime.block_on(measure(peer.start()?, 1000, 0, load))
}

fn paced(runtime: &Runtime, peer: Peer) -> Result<Figures> {
    let load = async |server: &mut Server, crowd: &Crowd| {
        pace(server, crowd, Duration::from_millis(10), 400, LINE).await
    };
    runtime.block_on(measure(peer.start()?, 1000, 50, load))
}

fn many(runtime: &Runtime, peer: Peer) -> Result<Figures> {
    let load = async |server: &mut Server, crowd: &Crowd| {
        pace(server, crowd, Duration::from_millis(100), 50, 1024).await
    };
    runtime.block_on(measure(peer.start()?, 10_000, 0, load))
}

/// Writes a line every so often, and waits until all have them all. Returns the number of lines.
async fn pace(
    server: &mut Server,
    crowd: &Crowd,
    every: Duration,
    lines: usize,
    size: usize,
) -> Result<usize> {
    let had = crowd.count();
    let mut ticks = interval(every);
    for _ in 0..lines {
        ticks.tick().await;
        server.stdin.write_all(crowd.line(size).as_bytes())?;
    }
    crowd.has(had + lines * crowd.len()).await;
    Ok(lines)
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
        "\n100 lines of 1 KiB a second to {} readers, beside {STOPPED} that have stopped: the log",
        crowd.len()
    );
    let row = |what: &str, value: f64, unit: &str| println!("{what:<46}{value:>8.2} {unit}");
    row("resident memory per stopped reader", resident / STOPPED as f64, "KiB");
    row("kernel memory per stopped reader", kernel / STOPPED as f64, "KiB");
    row("lateness of a line for the others, median", crowd.lateness(0.5), "ms");
    row("lateness of a line for the others, p99", crowd.lateness(0.99), "ms");
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
