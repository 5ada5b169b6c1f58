//! Unusual solutions, which are right all the same.

pub mod live_preview;
pub mod put_together;
pub mod stop_button;
