//! What is counted for an address, in virtual time.

use std::time::Duration;

use level7::Guesses;
use tokio::time::advance;

use crate::ip;

#[tokio::test(start_paused = true)]
async fn wrong_tokens_are_counted_for_each_address_for_a_minute() {
    let guesses = Guesses::new(3);
    let (one, other) = (ip("192.0.2.1"), ip("192.0.2.2"));
    for _ in 0..3 {
        assert!(!guesses.are_too_many(one));
        guesses.add(one);
        advance(Duration::from_secs(10)).await;
    }
    assert!(guesses.are_too_many(one) && guesses.are_too_many(ip("::ffff:192.0.2.1")));
    assert!(!guesses.are_too_many(other));
    advance(Duration::from_millis(29_999)).await;
    assert!(guesses.are_too_many(one));
    advance(Duration::from_millis(1)).await;
    assert!(!guesses.are_too_many(one));
    // And begins anew, with none from before.
    guesses.add(one);
    assert!(!guesses.are_too_many(one));
    // A household has all addresses of its network.
    for last in 1..=3 {
        guesses.add(ip(&format!("2001:db8::{last}")));
    }
    assert!(guesses.are_too_many(ip("2001:db8::4")));
    assert!(!guesses.are_too_many(ip("2001:db8:0:1::4")));
}

/// Somebody who has a whole network of addresses fills no memory, and frees nobody who is known.
#[tokio::test(start_paused = true)]
async fn of_more_than_ten_thousand_addresses_the_first_are_remembered() {
    let guesses = Guesses::new(1);
    let address = |number: u32| std::net::Ipv4Addr::from(number).into();
    for number in 0..10_001 {
        guesses.add(address(number));
    }
    assert!(guesses.are_too_many(address(0)) && guesses.are_too_many(address(9_999)));
    assert!(!guesses.are_too_many(address(10_000)), "there is no room for it");
    advance(Duration::from_secs(60)).await;
    guesses.add(address(10_000));
    assert!(guesses.are_too_many(address(10_000)), "the old ones have made room");
}
