//! Level 5: an assistant that streams its answers, with a stop button.
//!
//! | file | what it holds |
//! |---|---|
//! | `events.rs` | what goes over the wire |
//! | `conversation.rs` | one connection: reading and writing, neither waiting for the other |
//! | `answers.rs` | the answers that are running, and their ends |
//! | `answerer.rs` | what answers: a stream of words |
//! | `eliza.rs`, `script.rs` | ELIZA, and her rules |
//! | `client.rs` | the client's side: four ends of an answer |
//! | `assistant.rs` | the server's handler, and its page |

pub mod answerer;
pub mod answers;
pub mod assistant;
pub mod client;
pub mod conversation;
pub mod eliza;
pub mod events;
pub mod script;
