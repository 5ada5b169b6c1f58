//! The server tells of itself: something to look at where there is no source, and what one wants
//! to know of a server that many read.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::Log;

/// Appends a line every second, for ever.
pub(super) async fn beat(log: &Log) {
    let mut ticks = interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut before = 0;
    loop {
        ticks.tick().await;
        let delivered = log.delivered();
        let memory = resident_mib().map_or(String::new(), |mib| format!(", memory {mib:.1} MiB"));
        let (readers, lines) = (log.readers(), delivered - before);
        log.append(format!("readers {readers}, lines sent {lines} a second{memory}"), false);
        before = delivered;
    }
}

/// The memory of this process, in MiB, where Linux tells it.
fn resident_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1024.0)
}
