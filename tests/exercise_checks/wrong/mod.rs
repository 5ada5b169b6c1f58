//! Mistakes that people really make, one function each, named after the mistake.

pub mod any_exercise;
mod echo_everything;
mod finished_or_cut_off;
mod flush;
mod numbered_replies;
mod say_goodbye;
mod stop_when_left;
mod two_at_once;
mod typewriter;
mod unblock;
