//! What keeps the lines: one small trait, and two forms of it.

use std::{fmt, sync::Arc};

use level6::Log;
use tokio::sync::watch;

// ANCHOR: Keep
/// What keeps the lines: this process's memory, or a broker that several servers share.
///
/// Readers never wait for it: they read [`State::log`], which is Level 6's log of the newest lines.
/// Writers are answered when it has kept their line.
pub trait Keep: Send + Sync + 'static {
    /// Keeps a line, and returns its number. The same id again, within two minutes, returns the
    /// same number and keeps nothing, whatever the text. (In memory: if it is one of the newest
    /// 100,000.)
    ///
    /// Waits as long as it takes to be sure. Lines whose futures are polled first in some order are
    /// kept in this order. Dropped while it waits, the line may be kept or not.
    ///
    /// # Errors
    /// If it is not certain that the line is kept: the same again, later, will settle it. Or if it
    /// never will be.
    fn append(&self, id: &str, text: &str) -> impl Future<Output = Result<u64, NotKept>> + Send;

    /// The log that readers read, now and whenever that changes.
    fn state(&self) -> watch::Receiver<State>;
}

/// What readers read.
#[derive(Clone, Debug)]
pub struct State {
    /// The newest lines. When it becomes another one, with another name, the old numbers say nothing
    /// any more: every subscription ends with close code 1012, and its reader begins anew.
    pub log: Arc<Log>,
    /// Whether new lines can come. If not, readers are told and stay.
    pub live: bool,
}

/// It is not certain that the line is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotKept {
    /// Why, in words that a stranger may read.
    pub reason: String,
    /// Whether the same again, later, may be kept.
    pub again: bool,
}
// ANCHOR_END: Keep

impl NotKept {
    /// The same again, later, may be kept.
    pub fn for_now(reason: impl Into<String>) -> NotKept {
        NotKept { reason: reason.into(), again: true }
    }

    /// The same again would be refused again.
    pub fn for_good(reason: impl Into<String>) -> NotKept {
        NotKept { reason: reason.into(), again: false }
    }
}

impl fmt::Display for NotKept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for NotKept {}
