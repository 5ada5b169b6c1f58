//! The exercises of Level 6, in the order in which they are meant to be solved, and their judge:
//!
//!     cargo test -p level6 --test exercises
//!     cargo test -p level6 --test exercises resume     (one)
//!
//! Here is nothing to do: the tasks are in `lessons/level6/exercises`.

support::exercises! {
    level6: "../exercises", "../solutions" {
        tell_the_gap: served(follow),
        resume: served(follow),
        newest_only: served(quote),
    }
}

#[allow(dead_code, reason = "the check of the checks has a main of its own")]
fn main() {
    support::judge::judge(exercises());
}
