//! What more than one machine costs, and that it holds. Needs nats-server and nginx, and 3,000 files.
//!
//!     ulimit -n 8192; cargo bench -p level7 --bench cluster
//!
//! 1. How long a line takes until it is acknowledged: kept in memory, and by NATS JetStream.
//! 2. One of two servers is killed under 1,000 lines a second for 1,000 readers behind nginx. Each
//!    reader must have every line once, or this fails.

#[path = "../tests/cluster/broker.rs"]
#[allow(dead_code, reason = "it is there for the tests, too")]
mod broker;
#[path = "../tests/cluster/drill.rs"]
#[allow(dead_code, reason = "the small drills are tests")]
mod drill;
#[path = "../tests/cluster/folder.rs"]
mod folder;
#[path = "../tests/cluster/proxy.rs"]
mod proxy;
#[path = "../tests/cluster/servers.rs"]
#[allow(dead_code, reason = "it is there for the tests, too")]
mod servers;

use std::time::{Duration, Instant};

use level7::Answer;
use support::{
    client::{Client, connect},
    process::{Server, command},
};
use tokio::{runtime::Builder, task::LocalSet};

use crate::{
    broker::Broker,
    drill::{Drill, Fault},
    servers::{publish, server},
};

/// Lines for the first figure.
const LINES: usize = 1_000;

fn main() {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(LocalSet::new().run_until(async {
        acknowledgements().await;
        Drill { readers: 1_000, rate: 1_000, seconds: 6, fault: Fault::Kill }.run().await;
    }));
}

async fn acknowledgements() {
    let broker = Broker::start().await;
    let many = ["--messages", "10000"];
    let shared = server(&broker, &many).await;
    let arguments = [&["127.0.0.1:0"][..], &many].concat();
    let alone = Server::spawn(&mut command("live_server", &arguments)).await;
    let (mut to_memory, mut to_broker) = (connect(&alone.url).await, connect(&shared.url).await);
    let (mut memory, mut jetstream) = (Vec::new(), Vec::new());
    // In turns, so that whatever else the machine does concerns both.
    for number in 0..LINES {
        memory.push(time(&mut to_memory, number).await);
        jetstream.push(time(&mut to_broker, number).await);
    }
    let (memory, jetstream) = (Figures::of(memory), Figures::of(jetstream));
    println!("acknowledged by memory:    {memory}");
    println!("acknowledged by JetStream: {jetstream}");
    let more = jetstream.median.saturating_sub(memory.median);
    println!("JetStream adds {more:.2?} at the median");
    assert!(more < Duration::from_millis(5), "more than 5 ms");
}

async fn time(writer: &mut Client, number: usize) -> Duration {
    let start = Instant::now();
    let answer = publish(writer, &number.to_string(), "a line").await;
    assert!(matches!(answer, Answer::Published { .. }), "{answer:?}");
    start.elapsed()
}

struct Figures {
    median: Duration,
    p99: Duration,
}

impl Figures {
    fn of(mut times: Vec<Duration>) -> Figures {
        times.sort();
        Figures { median: times[times.len() / 2], p99: times[times.len() * 99 / 100] }
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "median {:.2?}, p99 {:.2?}", self.median, self.p99)
    }
}
