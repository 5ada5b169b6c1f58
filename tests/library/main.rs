//! What the library promises beyond what the lessons need.

mod errors;
mod handlers;
mod handshake;
mod printing;
