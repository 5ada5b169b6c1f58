//! What is seen of a learner's code while it runs. Another thread may look, for code that never
//! comes to an end.

use std::{
    fs,
    future::{Future, poll_fn},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::due::Line;

/// On a busy machine, any code has its thread for some milliseconds at times.
const NOTEWORTHY: Duration = Duration::from_millis(20);

#[derive(Clone, Default)]
pub struct Record(Arc<Mutex<Seen>>);

#[derive(Clone, Default)]
pub struct Seen {
    /// Which of the scenes is being played.
    pub scene: usize,
    /// The lines of each connection.
    pub lines: Vec<Vec<Line>>,
    /// Since when the code has had its thread, if it has it now.
    pub polled_since: Option<Instant>,
    /// For how long the thread of the runtime was kept, in all.
    pub busy: Duration,
    busy_since: Option<Kept>,
}

impl Record {
    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn begin(&self, scene: usize, connections: usize) {
        let lines = vec![Vec::new(); connections];
        *self.seen() = Seen { scene, lines, busy_since: Some(Kept::now()), ..Seen::default() };
    }

    pub fn add(&self, connection: usize, line: Line) {
        if let Some(lines) = self.seen().lines.get_mut(connection) {
            lines.push(line);
        }
    }

    /// Runs `future`, and notes since when it has its thread.
    pub async fn watch<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        poll_fn(|context| {
            self.seen().polled_since = Some(Instant::now());
            let poll = future.as_mut().poll(context);
            self.seen().polled_since = None;
            poll
        })
        .await
    }

    /// The thread of the runtime goes to sleep.
    pub fn park(&self) {
        let mut seen = self.seen();
        if let Some(since) = seen.busy_since.take() {
            let busy = since.elapsed();
            if busy >= NOTEWORTHY {
                seen.busy += busy;
            }
        }
    }

    pub fn unpark(&self) {
        self.seen().busy_since = Some(Kept::now());
    }
}

/// A stopwatch for this thread, which stands still while it waits for a processor.
#[derive(Clone)]
pub struct Kept {
    since: Instant,
    waited: Duration,
}

impl Kept {
    pub fn now() -> Kept {
        Kept { since: Instant::now(), waited: waited() }
    }

    pub fn elapsed(&self) -> Duration {
        self.since.elapsed().saturating_sub(waited().saturating_sub(self.waited))
    }
}

/// For how long this thread has waited for a processor, which is no fault of the code. Only Linux
/// tells; see `proc_pid_schedstat(5)`.
fn waited() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').nth(1).and_then(|field| field.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}
