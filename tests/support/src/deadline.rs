//! How long tests wait: one set of deadlines for all.

use std::{fmt::Debug, time::Duration};

use tokio::time::timeout;

/// For what is certain to happen, on a machine that may be busy with other things.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// What is served within this time is served in spite of whatever else goes on.
pub const ON_TIME: Duration = Duration::from_secs(5);

/// Waits for what is certain to happen. In virtual time, a minute is over at once.
pub async fn soon<F: Future>(future: F) -> F::Output {
    timeout(DEADLINE, future).await.expect("it happens before the deadline")
}

/// Waits for what must never happen.
pub async fn never<F>(patience: Duration, future: F)
where
    F: Future,
    F::Output: Debug,
{
    let outcome = timeout(patience, future).await;
    assert!(outcome.is_err(), "it happened: {outcome:?}");
}
