//! The helper library that the lessons from Level 2 on stand on.
//!
//! [`serve()`] and [`connect()`] are what `websockets.serve()` and `websockets.connect()` are in
//! Python: they own a connection's life, so that a lesson only speaks. What they do is the accept
//! loop of Level 1, made fit for use:
//!
//! | file | what it holds |
//! |---|---|
//! | `socket.rs` | the [`WebSocket`] type, its limits, and reading: [`next_text`], [`pause`] |
//! | `close.rs` | the closing handshake, and which close code an error means |
//! | `handler.rs` | what speaks on a connection: [`Handler`] |
//! | `connection.rs` | one connection of a server, from its handshake to its close |
//! | `serve.rs` | the server: [`listen`], [`serve()`], [`shutdown_signal`] |
//! | `connect.rs` | the client: [`connect()`] |
//! | `cli.rs` | the arguments and the log of every lesson; not about sockets |
//!
//! Section numbers in this documentation are those of
//! [RFC 6455](https://www.rfc-editor.org/rfc/rfc6455), the WebSocket protocol.

#![warn(missing_docs)]

pub mod cli;
mod close;
mod connect;
mod connection;
mod handler;
mod serve;
mod socket;

pub use cli::Failure;
pub use close::{CLOSE_DEADLINE, CloseWith, close};
pub use connect::{CONNECT_DEADLINE, ConnectError, connect};
pub use connection::{Ending, HANDSHAKE_DEADLINE, serve_connection};
pub use handler::{Handler, SocketFn};
pub use serve::{SHUTDOWN_DEADLINE, listen, serve, shutdown_signal};
pub use socket::{ByteStream, MAX_MESSAGE_SIZE, WebSocket, config, next_text, pause};
