//! Where lines come from: standard input, a command, or the server itself.

mod command;
mod input;
mod lines;
mod pulse;

use std::{ffi::OsString, fmt, sync::Arc, time::Duration};

use anyhow::Result;
pub use lines::{Lines, MAX_LINE};
use tokio::{task::JoinHandle, time::sleep};
use websocket_streaming::say;

use crate::Log;

/// How long after its input the log ends: 250 ms. Ctrl-C stops both sides of a pipe, and the other
/// one may be gone before we hear of it. Then the readers shall come back, and hear of no end.
const LAST_CALL: Duration = Duration::from_millis(250);

/// Where the lines of a log come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// What another program pipes into this one.
    Input,
    /// A command and its arguments: what it prints, and its exit status at the end.
    Command(Vec<OsString>),
    /// The server tells of itself, once a second.
    Pulse,
}

impl Source {
    /// Standard input if somebody pipes something into it, else the pulse.
    pub fn usual() -> Source {
        if input::is_a_pipe_or_a_file() { Source::Input } else { Source::Pulse }
    }

    /// Starts to fill the log. When the task is aborted, a command is killed with its children.
    ///
    /// # Errors
    /// If the command cannot be started.
    pub fn start(self, log: Arc<Log>) -> Result<JoinHandle<()>> {
        Ok(match self {
            Source::Input => tokio::spawn(async move {
                input::read(&log).await;
                sleep(LAST_CALL).await;
                end(&log, None);
            }),
            Source::Command(words) => {
                let running = command::Running::start(&words)?;
                tokio::spawn(async move {
                    let status = running.read(&log).await;
                    end(&log, status);
                })
            }
            Source::Pulse => tokio::spawn(async move { pulse::beat(&log).await }),
        })
    }
}

fn end(log: &Log, status: Option<i32>) {
    log.end(status);
    let status = status.map_or(String::new(), |status| format!(" with status {status}"));
    say!("The source has ended{status}; what it has said can still be read");
}

/// As a person would call it.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Input => f.write_str("standard input"),
            Source::Command(words) => {
                let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
                f.write_str(&words.join(" "))
            }
            Source::Pulse => f.write_str("this server itself"),
        }
    }
}
