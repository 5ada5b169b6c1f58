//! What does it cost to be before strangers?
//!
//!     cargo bench -p level7 --bench strangers
//!     cargo bench -p level7 --bench strangers -- 1000     (with so many readers)
//!
//! Three servers, one after the other, each on a processor core of its own; this program reads, on
//! another. *level6* is Level 6's server; *level7* asks every question at the door, looks after
//! every client, and limits what it may send; *tls* does the same with TLS and tokens.
//!
//! - *readers*: 10,000 of them, 10 lines of 100 bytes a second, for ten seconds. How late a line is
//!   counts from its making here to its reading here.
//! - *handshakes*: connections one after another, fifty at a time, each new: no TLS session is
//!   resumed.

mod readers;
mod servers;

use std::{env, io::Write, time::Duration};

use anyhow::{Context, Result};
use readers::Crowd;
use servers::{KINDS, Started};
use tokio::time::interval;

const READERS: usize = 10_000;
const LINES: usize = 100;
const SIZE: usize = 100;
const HANDSHAKES: usize = 2_000;

fn main() -> Result<()> {
    if let Some(kind) = env::args().nth(1).filter(|it| KINDS.contains(&it.as_str())) {
        return servers::serve(&kind);
    }
    let readers = env::args().find_map(|it| it.parse().ok()).unwrap_or(READERS);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for kind in KINDS {
        let started = servers::start(kind)?;
        runtime.block_on(read(kind, started, readers))?;
    }
    for kind in KINDS {
        let started = servers::start(kind)?;
        runtime.block_on(shake_hands(kind, &started))?;
    }
    Ok(())
}

fn row(what: &str, value: f64, unit: &str) {
    println!("  {what:<44}{value:>9.2} {unit}");
}

async fn read(kind: &str, mut started: Started, readers: usize) -> Result<()> {
    let server = &mut started.server;
    let empty = server.resident_kib().context("Linux only")?;
    let crowd = Crowd::connect(&started.way, readers).await?;
    // The first lines find cold caches.
    pace(&mut started, &crowd, LINES / 10).await?;
    crowd.forget_lateness();
    let before = started.server.exact_processor_time().context("Linux only")?;
    pace(&mut started, &crowd, LINES).await?;
    let used = started.server.exact_processor_time().context("Linux only")? - before;
    let resident = started.server.resident_kib().context("Linux only")? - empty;
    println!("{kind}: {readers} readers, 10 lines of {SIZE} bytes a second");
    row("lateness of a line, median", crowd.lateness(0.5), "ms");
    row("lateness of a line, p99", crowd.lateness(0.99), "ms");
    row("resident memory per reader", resident / readers as f64, "KiB");
    let deliveries = (readers * LINES) as f64;
    row("processor time for a million deliveries", used.as_secs_f64() * 1e6 / deliveries, "s");
    Ok(())
}

/// Ten lines a second.
async fn pace(started: &mut Started, crowd: &Crowd, lines: usize) -> Result<()> {
    let had = crowd.count();
    let mut ticks = interval(Duration::from_millis(100));
    for _ in 0..lines {
        ticks.tick().await;
        started.server.stdin.write_all(crowd.line(SIZE).as_bytes())?;
    }
    crowd.has(had + lines * crowd.len()).await;
    Ok(())
}

async fn shake_hands(kind: &str, started: &Started) -> Result<()> {
    readers::shake_hands(&started.way, HANDSHAKES / 10).await?;
    let before = started.server.exact_processor_time().context("Linux only")?;
    let took = readers::shake_hands(&started.way, HANDSHAKES).await?;
    let used = started.server.exact_processor_time().context("Linux only")? - before;
    println!("{kind}: handshakes");
    row("a second", HANDSHAKES as f64 / took.as_secs_f64(), "");
    row("processor time of the server for one", used.as_secs_f64() * 1e3 / HANDSHAKES as f64, "ms");
    Ok(())
}
