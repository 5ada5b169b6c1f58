//! Mistakes that people really make, one function each, named after the mistake.

mod newest_only;
mod resume;
mod tell_the_gap;
