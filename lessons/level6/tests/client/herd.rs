//! Why a client waits by chance: many of them, and one server that comes back.

use std::fmt::Write;

use level6::Backoff;
use support::assert_snapshot;

use crate::random::Random;

/// A policy: how long to wait after so many failures.
type Policy = fn(&mut Backoff, &mut Random) -> u64;

fn limit(backoff: &mut Backoff) -> u64 {
    backoff.next_limit().as_millis() as u64
}

const POLICIES: [(&str, Policy); 4] = [
    ("always 1 s", |_, _| 1000),
    ("exponential", |backoff, _| limit(backoff)),
    ("exponential, ± 20 %", |backoff, random| {
        let limit = limit(backoff);
        limit * 4 / 5 + random.below(limit * 2 / 5 + 1)
    }),
    ("full jitter", |backoff, random| random.below(limit(backoff) + 1)),
];

/// 10,000 clients lose their server at the same moment. It is away for 10 s, and then lets in 50
/// each tenth of a second; it refuses those that come beyond.
#[test]
fn ten_thousand_clients_come_back_soonest_where_their_waits_differ_most() {
    const CLIENTS: u64 = 10_000;
    const AWAY: u64 = 10_000;
    const PLACES: u64 = 50;
    const GIVEN_UP: u64 = 600_000;
    let mut table = format!(
        "{:<21}{:>20}{:>18}{:>14}\n",
        "how they wait", "refused afterwards", "most in 0.1 s", "99 % back"
    );
    let mut back_after = Vec::new();
    for (name, policy) in POLICIES {
        let mut random = Random(6);
        // When each comes next, in milliseconds; those due in the same tenth come in any order.
        let mut due: Vec<_> = (0..CLIENTS).map(|_| (0, Backoff::default())).collect();
        let (mut refused, mut most, mut back, mut now) = (0, 0, 0, 0);
        while back < CLIENTS * 99 / 100 && now < GIVEN_UP {
            let (mut came, mut places) = (0, if now < AWAY { 0 } else { PLACES });
            due.retain_mut(|(at, backoff)| {
                if *at >= now + 100 {
                    return true;
                }
                came += 1;
                if places > 0 {
                    places -= 1;
                    back += 1;
                    return false;
                }
                refused += u64::from(now >= AWAY);
                *at = (*at).max(now) + policy(backoff, &mut random).max(100);
                true
            });
            if now >= AWAY {
                most = most.max(came);
            }
            now += 100;
        }
        let seconds = now.saturating_sub(AWAY) / 1000;
        let time = if now < GIVEN_UP { format!("{seconds} s") } else { "never".to_string() };
        writeln!(table, "{name:<21}{refused:>20}{most:>18}{time:>14}").expect("room");
        back_after.push(now);
    }
    assert_snapshot("level6_jitter_table", &table);
    let full_jitter = back_after.pop();
    assert!(back_after.into_iter().all(|other| Some(other) > full_jitter), "{table}");
}
