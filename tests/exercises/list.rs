//! The exercises, in the order in which they are meant to be solved.

#[path = "../../lessons/level1/exercises/echo_everything.rs"]
#[expect(dead_code, reason = "its main is not called here")]
mod echo_everything;
#[path = "../../lessons/level3/exercises/finished_or_cut_off.rs"]
#[expect(dead_code, reason = "its main is not called here")]
mod finished_or_cut_off;
#[path = "../../lessons/level3/exercises/flush.rs"]
#[expect(dead_code, reason = "its main is not called here")]
mod flush;
#[path = "../../lessons/level2/exercises/numbered_replies.rs"]
#[expect(dead_code, reason = "its main is not called here")]
mod numbered_replies;
#[path = "../../lessons/level1/exercises/say_goodbye.rs"]
#[expect(dead_code, reason = "its main is not called here")]
mod say_goodbye;
#[path = "../../lessons/level4/exercises/stop_when_left.rs"]
#[expect(dead_code, reason = "its main is not called here")]
mod stop_when_left;
#[path = "../../lessons/level4/exercises/two_at_once.rs"]
#[expect(dead_code, reason = "its main is not called here")]
mod two_at_once;
#[path = "../../lessons/level2/exercises/typewriter.rs"]
#[expect(dead_code, reason = "its main is not called here")]
mod typewriter;
#[path = "../../lessons/level3/exercises/unblock.rs"]
#[expect(dead_code, reason = "its main is not called here")]
mod unblock;

use crate::{
    check::Exercise,
    play::{bare, client, served},
};

macro_rules! exercise {
    ($file:literal, $subject:expr) => {
        Exercise {
            name: name($file),
            file: $file,
            source: include_str!(concat!("../../", $file)),
            subject: $subject,
        }
    };
}

pub fn exercises() -> Vec<Exercise> {
    vec![
        exercise!("lessons/level1/exercises/echo_everything.rs", bare(echo_everything::echo)),
        exercise!("lessons/level1/exercises/say_goodbye.rs", bare(say_goodbye::converse)),
        exercise!("lessons/level2/exercises/numbered_replies.rs", served(numbered_replies::reply)),
        exercise!("lessons/level2/exercises/typewriter.rs", served(typewriter::type_poem)),
        exercise!("lessons/level3/exercises/unblock.rs", served(unblock::reply)),
        exercise!("lessons/level3/exercises/flush.rs", served(flush::count_down)),
        exercise!(
            "lessons/level3/exercises/finished_or_cut_off.rs",
            client(|socket| Box::pin(finished_or_cut_off::receive(socket)))
        ),
        exercise!("lessons/level4/exercises/stop_when_left.rs", served(stop_when_left::translate)),
        exercise!("lessons/level4/exercises/two_at_once.rs", served(two_at_once::translate)),
    ]
}

/// `level2::typewriter`, for `lessons/level2/exercises/typewriter.rs`
fn name(file: &str) -> String {
    file.trim_start_matches("lessons/").trim_end_matches(".rs").replace("/exercises/", "::")
}
