//! The programs as the reader runs them: real processes, real sockets, real time.
//!
//! One test program for all of them, since most of what they do is to wait, and they can do that
//! together.

mod duplex;
mod faults;
mod pitfalls;
mod terminals;
mod tour;
