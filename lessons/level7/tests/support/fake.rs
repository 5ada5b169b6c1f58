//! A form of the log that does as the test says: it stalls, it fails, it begins anew.

use std::{future::pending, sync::Arc};

use level6::Log;
use level7::{Keep, Memory, NotKept, State};
use tokio::sync::watch;

/// What becomes of a line that is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "each of the tests that share this has moods of its own")]
pub enum Mood {
    /// It is kept.
    Well,
    /// It is not.
    Fails,
    /// It is not, and never will be.
    Refuses,
    /// Nobody knows, and it takes for ever.
    Stalls,
    /// It is kept, and nobody says so.
    KeepsAndStalls,
}

pub struct Fake {
    memory: Memory,
    pub mood: watch::Receiver<Mood>,
    state: watch::Sender<State>,
}

/// What the test holds in its hand.
#[allow(dead_code, reason = "each of the tests that share this pulls some")]
pub struct Strings {
    pub mood: watch::Sender<Mood>,
    pub state: watch::Sender<State>,
}

impl Fake {
    pub fn new(log: Arc<Log>) -> (Fake, Strings) {
        let (mood, moods) = watch::channel(Mood::Well);
        let state = watch::channel(State { log: log.clone(), live: true }).0;
        let fake = Fake { memory: Memory::new(log), mood: moods, state: state.clone() };
        (fake, Strings { mood, state })
    }
}

impl Keep for Fake {
    async fn append(&self, id: &str, text: &str) -> Result<u64, NotKept> {
        let mood = *self.mood.borrow();
        match mood {
            Mood::Well => self.memory.append(id, text).await,
            Mood::Refuses => Err(NotKept::for_good("the line is too long")),
            Mood::Fails => Err(NotKept::for_now("the broker is away")),
            Mood::Stalls => pending().await,
            Mood::KeepsAndStalls => {
                self.memory.append(id, text).await?;
                pending().await
            }
        }
    }

    fn state(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }
}
