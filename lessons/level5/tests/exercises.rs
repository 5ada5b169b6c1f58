//! The exercises of this level, in the order in which they are meant to be solved, and their judge:
//!
//!     cargo test -p level5 --test exercises
//!     cargo test -p level5 --test exercises stop_button     (one)
//!
//! Here is nothing to do: the tasks are in `lessons/level5/exercises`.

support::exercises! {
    level5: "../exercises", "../solutions" {
        put_together: client(put_together),
        live_preview: served(preview),
        stop_button: served(answer),
    }
}

#[allow(dead_code, reason = "the check of the checks has a main of its own")]
fn main() {
    support::judge::judge(exercises());
}
