//! Level 6: live logs and monitoring, one to many.
//!
//! | file | what it holds |
//! |---|---|
//! | `events.rs` | what is said on the wire: [`Event`], [`Subscribe`] |
//! | `log.rs` | the newest lines, each encoded once and shared: [`Log`] |
//! | `reader.rs` | a reader's place in the log: [`Reader`] |
//! | `handler.rs` | the server's side of a connection: [`Logs`] |
//! | `pages.rs` | the page that a browser gets, and what belongs to it |
//! | `source` | where lines come from: [`Source`] |
//! | `client.rs` | the client, which comes back when the connection is lost: [`Client`] |
//! | `place.rs` | how far it has come, over all its connections: [`Place`] |
//! | `lost.rs` | how it learns of that, and whether it is worth coming back |
//! | `backoff.rs` | how long it waits before that: [`Backoff`] |

#![warn(missing_docs)]

mod backoff;
mod client;
mod events;
mod handler;
mod log;
mod lost;
mod pages;
mod place;
mod reader;
mod source;

pub use backoff::{BACKOFF_BASE, BACKOFF_CAP, Backoff, full_jitter};
pub use client::{Client, Seen};
pub use events::{Event, Request, Subscribe};
pub use handler::{BURST, Logs, ROOM_DEADLINE, SEND_BUFFER, SUBSCRIBE_DEADLINE, burst, within};
pub use log::{Log, MAX_BYTES, MAX_LINES};
pub use lost::{HELLO_DEADLINE, Lost, SILENCE};
pub use pages::PAGES;
pub use place::Place;
pub use reader::{NoSuchPlace, Reader};
pub use source::{Lines, MAX_LINE, Source};
