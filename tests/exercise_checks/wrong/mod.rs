//! Mistakes that people really make, one function each, named after the mistake.

pub mod any_exercise;
mod echo_everything;
mod finished_or_cut_off;
mod flush;
mod nothing_lost;
mod numbered_replies;
mod say_goodbye;
mod stop_when_left;
mod three_questions;
mod two_at_once;
mod two_voices;
mod typewriter;
mod unblock;
