//! How many connections there may be: in all, and from one address.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The places for connections.
#[derive(Debug)]
pub struct Places {
    in_all: usize,
    per_address: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    in_all: usize,
    by_household: HashMap<IpAddr, usize>,
}

/// A place that is taken, until this is dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    address: IpAddr,
    household: IpAddr,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// All places are taken: HTTP status 503, with `Retry-After`.
    InAll,
    /// This address has as many as one may have: HTTP status 429.
    ForThisAddress,
}

impl Places {
    /// So many places in all, and so many for one address.
    pub fn new(in_all: usize, per_address: usize) -> Arc<Places> {
        Arc::new(Places { in_all, per_address, taken: Mutex::default() })
    }

    /// Takes a place, if there is one. Does not wait for one: who waits at a full door knows less
    /// than who is told to come back.
    ///
    /// # Errors
    /// Which limit is reached.
    pub fn take(self: &Arc<Places>, address: IpAddr) -> Result<Place, Full> {
        self.take_up_to(self.per_address, address)
    }

    /// As [`take`](Places::take), with another limit for this address.
    pub(crate) fn take_up_to(
        self: &Arc<Places>,
        per_address: usize,
        address: IpAddr,
    ) -> Result<Place, Full> {
        let household = household(address);
        let mut taken = self.lock();
        if taken.in_all >= self.in_all {
            return Err(Full::InAll);
        }
        let count = taken.by_household.entry(household).or_default();
        if *count >= per_address {
            return Err(Full::ForThisAddress);
        }
        *count += 1;
        taken.in_all += 1;
        Ok(Place { places: self.clone(), address, household })
    }

    /// How many are taken.
    pub fn taken(&self) -> usize {
        self.lock().in_all
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        // Nothing in here panics half-way.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Whose it is.
    pub fn address(&self) -> IpAddr {
        self.address
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        taken.in_all -= 1;
        if let Some(count) = taken.by_household.get_mut(&self.household) {
            *count -= 1;
            // Else the map would grow with every address that ever was here.
            if *count == 0 {
                taken.by_household.remove(&self.household);
            }
        }
    }
}

/// What counts as one address: with IPv6 a customer has 2⁶⁴ of them at least, which begin alike.
pub(crate) fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let bits = u128::from(address) & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from(bits))
        }
        v4 => v4,
    }
}
