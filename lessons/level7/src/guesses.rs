//! How many wrong tokens may come from one address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::{Keep, Live, Metrics, Role, Token, places::household};

/// For how long a wrong token counts: a minute.
const MINUTE: Duration = Duration::from_secs(60);

/// How many addresses are remembered, at most: 10,000, or 1 MB. Whoever has more is not stopped by
/// a limit for each.
const MOST_ADDRESSES: usize = 10_000;

type Counts = HashMap<IpAddr, (Instant, u32)>;

/// The wrong tokens of the last minute, by the addresses that they came from. (Behind a proxy all
/// clients have one, unless [`Settings::proxies`](crate::Settings::proxies) says where it is.)
#[derive(Debug)]
pub struct Guesses {
    most: u32,
    by_household: Mutex<Counts>,
}

impl Guesses {
    /// So many a minute from one address.
    pub fn new(most: u32) -> Guesses {
        Guesses { most, by_household: Mutex::default() }
    }

    /// Whether no more tokens from there are looked at, until a minute after the first wrong one.
    /// Not even a right one, or guessing would go on.
    pub fn are_too_many(&self, from: IpAddr) -> bool {
        let counts = self.lock();
        let count = counts.get(&household(from));
        count.is_some_and(|(since, count)| *count >= self.most && since.elapsed() < MINUTE)
    }

    /// A wrong one came from there.
    pub fn add(&self, from: IpAddr) {
        let (mut counts, from) = (self.lock(), household(from));
        if counts.len() >= MOST_ADDRESSES && !counts.contains_key(&from) {
            counts.retain(|_, (since, _)| since.elapsed() < MINUTE);
            if counts.len() >= MOST_ADDRESSES {
                return;
            }
        }
        let (since, count) = counts.entry(from).or_insert((Instant::now(), 0));
        if since.elapsed() >= MINUTE {
            (*since, *count) = (Instant::now(), 0);
        }
        *count += 1;
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        // Nothing in here panics half-way.
        self.by_household.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a token is of no use.
pub(crate) enum Useless {
    /// It is none of ours.
    Wrong,
    /// Too many wrong ones came from its address: it was not looked at.
    NotLookedAt,
}

impl<K: Keep> Live<K> {
    /// What somebody at this address may do that has shown a token, or something that is none.
    pub(crate) fn role(&self, shown: Option<&Token>, from: IpAddr) -> Result<Role, Useless> {
        if self.guesses.are_too_many(from) {
            Metrics::count(&self.metrics.refused_guesses);
            return Err(Useless::NotLookedAt);
        }
        shown.and_then(|shown| self.settings.tokens.role(shown)).ok_or_else(|| {
            self.guesses.add(from);
            Metrics::count(&self.metrics.refused_token);
            Useless::Wrong
        })
    }
}
