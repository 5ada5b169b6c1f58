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
//! | `handshake.rs` | the server's side of the handshake: [`Handshake`] |
//! | `origin.rs` | which web pages may connect |
//! | `connection.rs` | one connection of a server, from its handshake to its close |
//! | `fair.rs` | a turn for everybody: no connection keeps its thread for long |
//! | `page.rs` | pages on the same port: [`Page`] |
//! | `answer.rs` | answering in HTTP, to those who get no WebSocket |
//! | `listen.rs` | where a server can be reached: [`listen()`], [`listen_with`] |
//! | `serve.rs` | the server and its accept loop: [`serve()`], [`serve_each`] |
//! | `capacity.rs` | how many connections a process can hold |
//! | `shutdown.rs` | when a server is asked to stop: [`shutdown_signal`] |
//! | `connect.rs` | the client: [`connect()`] |
//! | `say.rs` | printing that never waits: [`say!`](crate::say!) |
//! | `cli.rs` | the arguments and the log of every lesson; not about sockets |
//!
//! Section numbers in this documentation are those of
//! [RFC 6455](https://www.rfc-editor.org/rfc/rfc6455), the WebSocket protocol.

#![warn(missing_docs)]

mod answer;
mod capacity;
pub mod cli;
mod close;
mod connect;
mod connection;
mod fair;
mod handler;
mod handshake;
mod listen;
mod origin;
mod page;
mod say;
mod serve;
mod shutdown;
mod socket;

pub use capacity::{max_connections, max_files};
pub use cli::Failure;
pub use close::{CLOSE_DEADLINE, CloseWith, close, one_line, upstream};
pub use connect::{CONNECT_DEADLINE, ConnectError, ConnectErrorKind, connect, port_or};
pub use connection::{Ending, HANDSHAKE_DEADLINE, converse, serve_connection};
pub use fair::Fair;
pub use handler::{Handler, SocketFn, at_most};
pub use handshake::{Handshake, MAX_REQUEST_SIZE};
pub use listen::{listen, listen_quietly, listen_with};
pub use origin::is_from_here;
pub use page::{Page, hand_out};
pub use say::{all_said, say, visible};
pub use serve::{SHUTDOWN_DEADLINE, accept_each, serve, serve_each};
pub use shutdown::shutdown_signal;
pub use socket::{ByteStream, MAX_MESSAGE_SIZE, WebSocket, config, next_text, pause};
