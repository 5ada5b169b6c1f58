//! Mistakes that people really make, one function each, named after the mistake.

mod come_back;
mod heartbeat;
mod publish;
