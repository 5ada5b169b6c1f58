//! Mistakes that people really make, one function each, named after the mistake.

mod live_preview;
mod put_together;
mod stop_button;
