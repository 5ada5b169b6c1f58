//! The exercises, in the order in which they are meant to be solved, and their judge:
//!
//!     cargo test --test exercises
//!     cargo test --test exercises level2         (those of one level)
//!     cargo test --test exercises typewriter     (one)
//!
//! Here is nothing to do: the tasks are in `lessons/level1/exercises` and so on.

support::exercises! {
    level1: "level1/exercises", "level1/solutions" {
        echo_everything: bare(echo),
        say_goodbye: bare(converse),
    }
    level2: "level2/exercises", "level2/solutions" {
        numbered_replies: served(reply),
        three_questions: client(ask),
        typewriter: served(type_poem),
        nothing_lost: served(tick_and_return),
    }
    level3: "level3/exercises", "level3/solutions" {
        unblock: served(reply),
        flush: served(count_down),
        finished_or_cut_off: client(receive),
    }
    level4: "level4/exercises", "level4/solutions" {
        stop_when_left: served(translate),
        two_voices: served(translate),
        two_at_once: served(translate),
    }
}

#[allow(dead_code, reason = "the check of the checks has a main of its own")]
fn main() {
    support::judge::judge(exercises());
}
