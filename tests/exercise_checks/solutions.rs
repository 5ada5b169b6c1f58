//! The solutions, as modules.

#[path = "../../lessons/level1/solutions/echo_everything.rs"]
mod echo_everything;
#[path = "../../lessons/level3/solutions/finished_or_cut_off.rs"]
mod finished_or_cut_off;
#[path = "../../lessons/level3/solutions/flush.rs"]
mod flush;
#[path = "../../lessons/level2/solutions/numbered_replies.rs"]
mod numbered_replies;
#[path = "../../lessons/level1/solutions/say_goodbye.rs"]
mod say_goodbye;
#[path = "../../lessons/level4/solutions/stop_when_left.rs"]
mod stop_when_left;
#[path = "../../lessons/level4/solutions/two_at_once.rs"]
mod two_at_once;
#[path = "../../lessons/level2/solutions/typewriter.rs"]
mod typewriter;
#[path = "../../lessons/level3/solutions/unblock.rs"]
mod unblock;

use crate::play::{Subject, bare, client, served};

pub fn solutions() -> Vec<(&'static str, Subject)> {
    vec![
        ("echo_everything", bare(echo_everything::echo)),
        ("say_goodbye", bare(say_goodbye::converse)),
        ("numbered_replies", served(numbered_replies::reply)),
        ("typewriter", served(typewriter::type_poem)),
        ("unblock", served(unblock::reply)),
        ("flush", served(flush::count_down)),
        ("finished_or_cut_off", client(|socket| Box::pin(finished_or_cut_off::receive(socket)))),
        ("stop_when_left", served(stop_when_left::translate)),
        ("two_at_once", served(two_at_once::translate)),
    ]
}
