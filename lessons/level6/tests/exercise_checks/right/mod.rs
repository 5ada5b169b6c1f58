//! Unusual solutions, which are right all the same.

mod newest_only;
mod resume;
mod tell_the_gap;
