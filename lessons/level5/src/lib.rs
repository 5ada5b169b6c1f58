//! Level 5: an assistant that streams its answers, with a stop button.
//!
//! | file | what it holds |
//! |---|---|
//! | `events.rs` | what goes over the wire |
//! | `conversation.rs` | one connection: reading and writing, neither waiting for the other |
//! | `answers.rs` | the answers that are running, and their ends |
//! | `answerer.rs` | what answers: a stream of words |
//! | `eliza.rs`, `script.rs`, `tokens.rs` | ELIZA, her rules, and words |
//! | `command.rs`, `pipes.rs` | any program as the answerer |
//! | `decoder.rs` | from bytes to text, wherever they are cut |
//! | `model.rs`, `reply.rs`, `sse.rs`, `history.rs` | a language model as the answerer |
//! | `client.rs` | the client's side: four ends of an answer |
//! | `assistant.rs` | the server's handler, and its page |

pub mod answerer;
pub mod answers;
pub mod assistant;
pub mod client;
pub mod command;
pub mod conversation;
pub mod decoder;
pub mod eliza;
pub mod events;
pub mod history;
pub mod model;
mod pipes;
pub mod reply;
pub mod script;
pub mod sse;
mod tokens;
