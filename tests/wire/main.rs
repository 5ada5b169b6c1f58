//! The bytes on the wire: the facts that the book's chapters on the core ideas show.

mod byte_counts;
mod close_code;
mod flow;
mod frames;
mod handshake;
mod heads;
mod http;
mod tap;
