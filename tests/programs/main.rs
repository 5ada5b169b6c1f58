//! The programs as the reader runs them: real processes, real sockets, real time.
//!
//! One test program for all of them, since most of what they do is to wait, and they can do that
//! together. What takes seconds only to prove a point about seconds is for those who maintain the
//! course: `cargo test --features maintainer`.

mod duplex;
mod faults;
mod level1_advice;
mod pitfalls;
mod targets;
mod terminals;
mod three_clients;
mod tour;

use std::{fmt::Debug, panic::AssertUnwindSafe};

use futures_util::{FutureExt, future::join_all};

/// Runs `check` for all `programs` at once, and names those for which it panicked.
async fn for_each<T: Copy + Debug>(programs: &[T], check: impl AsyncFn(T)) {
    let checks = programs.iter().map(|program| AssertUnwindSafe(check(*program)).catch_unwind());
    let outcomes = join_all(checks).await;
    let red = programs.iter().zip(outcomes).filter(|(_, outcome)| outcome.is_err());
    let red: Vec<_> = red.map(|(program, _)| program).collect();
    assert!(red.is_empty(), "failed (each with its message above): {red:?}");
}
