//! The log in this process's memory: the form for one server. It begins anew with each start.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use level6::Log;
use tokio::{sync::watch, time::Instant};

use crate::{Keep, NotKept, State};

/// For how long an id is remembered: 120 s. A client that comes back later than this after its
/// connection was lost can make a second line.
pub const ID_WINDOW: Duration = Duration::from_secs(120);

/// How many ids are remembered, at most: 100,000, or 15 MB. That is 800 lines a second.
pub const MAX_IDS: usize = 100_000;

// ANCHOR: Memory
/// A log in memory.
#[derive(Debug)]
pub struct Memory {
    state: watch::Sender<State>,
    ids: Mutex<Ids>,
}

#[derive(Debug, Default)]
struct Ids {
    numbers: HashMap<Arc<str>, u64>,
    /// The same ids, the oldest first.
    order: VecDeque<(Instant, Arc<str>)>,
}

impl Memory {
    /// A log in memory that keeps its lines in `log`.
    pub fn new(log: Arc<Log>) -> Memory {
        let state = watch::channel(State { log, live: true }).0;
        Memory { state, ids: Mutex::default() }
    }
}

impl Keep for Memory {
    async fn append(&self, id: &str, text: &str) -> Result<u64, NotKept> {
        // Nothing in here panics half-way.
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        ids.forget_the_old();
        if let Some(seq) = ids.numbers.get(id) {
            return Ok(*seq);
        }
        let log = self.state.borrow().log.clone();
        let seq = log.append(text.into(), false);
        let seq = seq.ok_or_else(|| NotKept::for_good("the log has ended"))?;
        ids.remember(id.into(), seq);
        Ok(seq)
    }

    fn state(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }
}

impl Ids {
    fn remember(&mut self, id: Arc<str>, seq: u64) {
        self.order.push_back((Instant::now(), id.clone()));
        self.numbers.insert(id, seq);
    }

    fn forget_the_old(&mut self) {
        while let Some((since, id)) = self.order.front() {
            if since.elapsed() < ID_WINDOW && self.order.len() < MAX_IDS {
                break;
            }
            self.numbers.remove(id);
            self.order.pop_front();
        }
    }
}
// ANCHOR_END: Memory
