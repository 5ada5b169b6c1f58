//! Unusual solutions, which are right all the same.

pub mod echo_everything;
pub mod finished_or_cut_off;
pub mod flush;
mod nothing_lost;
pub mod numbered_replies;
pub mod say_goodbye;
pub mod stop_when_left;
mod three_questions;
pub mod two_at_once;
mod two_voices;
pub mod typewriter;
pub mod unblock;
