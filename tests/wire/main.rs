//! The bytes on the wire: the facts that the book's chapters on the core ideas show.

mod byte_counts;
mod close_code;
mod flow;
mod frames;
mod handshake;
mod tap;

use std::time::Duration;

use tokio::time::timeout;

/// To wait for what never comes is a failure. In virtual time this hour is over at once.
async fn in_time<F: Future>(test: F) -> F::Output {
    timeout(Duration::from_secs(3600), test).await.expect("what the test waits for comes")
}
