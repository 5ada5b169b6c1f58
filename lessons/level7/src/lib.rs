//! Level 7: before strangers, and on more than one machine.
//!
//! | file | what it holds |
//! |---|---|
//! | `events.rs` | what is said on the wire beyond Level 6: [`Request`], [`Answer`] |
//! | `keep.rs`, `memory.rs` | what keeps the lines: [`Keep`], and its form in [`Memory`] |
//! | `jetstream.rs`, `copy.rs`, `stream.rs` | the form for several servers: [`JetStream`] |
//! | `settings.rs` | what a server is told at its start: [`Settings`] |
//! | `flags.rs`, `options.rs`, `checks.rs` | its command line, and what it refuses to be |
//! | `tls.rs`, `certificate.rs`, `dev_cert.rs` | certificates: real ones, and one for trying things out |
//! | `live.rs` | what its connections share, and its life: [`Live`] |
//! | `connection.rs` | one connection, from TCP to its end |
//! | `door.rs`, `refusal.rs` | who is let in, question by question |
//! | `origins.rs`, `proxy.rs` | which pages may connect; whose word about an address counts |
//! | `token.rs`, `guesses.rs` | who it is: [`Token`], [`Role`]; who guesses |
//! | `places.rs`, `rate.rs`, `allowance.rs` | how many connections, messages, bytes |
//! | `session.rs`, `requests.rs`, `sending.rs` | one client's conversation: [`Session`] |
//! | `pulse.rs` | is it still there? [`Pulse`] |
//! | `dial.rs`, `client.rs` | the client: how it connects, and that it comes back: [`Client`] |
//! | `follow.rs` | the client that reads |
//! | `publish.rs`, `outbox.rs`, `input.rs` | the client that publishes: [`Outbox`] |
//! | `pages.rs`, `metrics.rs`, `journal.rs` | is the server well? |

#![warn(missing_docs)]

mod allowance;
mod certificate;
mod checks;
mod client;
mod connection;
mod copy;
mod dev_cert;
mod dial;
mod door;
mod events;
mod flags;
mod follow;
mod guesses;
mod input;
mod jetstream;
mod journal;
mod keep;
mod live;
mod memory;
mod metrics;
mod options;
mod origins;
mod outbox;
mod pages;
mod places;
mod proxy;
mod publish;
mod pulse;
mod rate;
mod refusal;
mod requests;
mod sending;
mod session;
mod settings;
mod stream;
pub mod tls;
mod token;

pub use allowance::{Allowance, Bounded};
pub use certificate::Certificate;
pub use client::{Client, Shown};
pub use dev_cert::DevCert;
pub use dial::Server;
pub use events::{Answer, MAX_ID, MAX_LOGIN, MAX_REQUEST, MAX_TEXT, Request, Said};
pub use flags::{DIAGNOSTICS, no_frames_in_the_log, seconds};
pub use guesses::Guesses;
pub use input::lines;
pub use jetstream::{BROKER_DEADLINE, JetStream};
pub use journal::Journal;
pub use keep::{Keep, NotKept, State};
pub use live::Live;
pub use memory::{ID_WINDOW, MAX_IDS, Memory};
pub use metrics::{Gauges, Metrics};
pub use options::Options;
pub use origins::Origins;
pub use outbox::{Outbox, WINDOW};
pub use pages::PAGES;
pub use places::{Full, Place, Places};
pub use proxy::Proxies;
pub use pulse::{Beat, PULSE, Pulse};
pub use rate::Rate;
pub use requests::MAX_UNANSWERED;
pub use session::{Session, UNAUTHORIZED};
pub use settings::Settings;
pub use token::{Role, SHORTEST_TOKEN, Token, Tokens};
