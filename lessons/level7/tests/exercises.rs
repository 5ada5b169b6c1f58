//! The exercises of Level 7, in the order in which they are meant to be solved, and their judge:
//!
//!     cargo test -p level7 --test exercises
//!     cargo test -p level7 --test exercises publish     (one)
//!
//! Here is nothing to do: the tasks are in `lessons/level7/exercises`.

support::exercises! {
    level7: "../exercises", "../solutions" {
        heartbeat: served(keep_alive),
        come_back: dialing(follow),
        publish: dialing(publish),
    }
}

#[allow(dead_code, reason = "the check of the checks has a main of its own")]
fn main() {
    support::judge::judge(exercises());
}
