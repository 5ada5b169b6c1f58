//! Mistakes that people really make, one function each, named after the mistake.

pub mod any_exercise;
pub mod echo_everything;
pub mod finished_or_cut_off;
pub mod flush;
pub mod nothing_lost;
pub mod numbered_replies;
pub mod say_goodbye;
pub mod stop_when_left;
pub mod three_questions;
pub mod two_at_once;
pub mod two_voices;
pub mod typewriter;
pub mod unblock;
