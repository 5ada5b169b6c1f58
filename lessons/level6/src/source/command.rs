//! A command as a source.

use std::{ffi::OsString, process::Stdio};

use anyhow::{Context, Result, bail};
#[cfg(unix)]
use rustix::process::Pid;
use tokio::process::{Child, Command};

use super::lines::append_all;
use crate::Log;

/// A command that runs. When this is dropped, it is killed with all its children, except for those
/// that have left its group, as with `setsid`.
pub(super) struct Running(Child);

impl Running {
    pub fn start(words: &[OsString]) -> Result<Running> {
        let [program, arguments @ ..] = words else { bail!("there is no command") };
        let mut command = Command::new(program);
        command.args(arguments).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // A group of its own, so that its children can be killed with it. (So a Ctrl-C for the
        // server does not reach it, either.)
        #[cfg(unix)]
        command.process_group(0);
        let name = program.to_string_lossy().into_owned();
        let child = command.spawn().with_context(|| format!("cannot start `{name}`"))?;
        Ok(Running(child))
    }

    /// Appends what it prints, until it and those that write for it have ended. Returns its status.
    pub async fn read(mut self, log: &Log) -> Option<i32> {
        // Both at once: a program waits when one of its pipes is full.
        let (stdout, stderr) = (self.0.stdout.take(), self.0.stderr.take());
        let stdout = async {
            if let Some(stdout) = stdout {
                append_all(stdout, log, false).await;
            }
        };
        let stderr = async {
            if let Some(stderr) = stderr {
                append_all(stderr, log, true).await;
            }
        };
        tokio::join!(stdout, stderr);
        #[cfg(unix)]
        let group = self.group();
        let status = self.0.wait().await.ok()?;
        // Those of its children that write nothing. As long as there are any, its number is theirs.
        #[cfg(unix)]
        kill(group);
        #[cfg(unix)]
        if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
            return Some(128 + signal);
        }
        status.code()
    }
}

#[cfg(unix)]
impl Running {
    /// Its group. Once it is waited for it has no number any more, and its number may be another's.
    fn group(&self) -> Option<Pid> {
        self.0.id().and_then(|id| Pid::from_raw(id as i32))
    }
}

#[cfg(unix)]
fn kill(group: Option<Pid>) {
    if let Some(group) = group {
        // It may just have ended by itself.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        #[cfg(unix)]
        kill(self.group());
    }
}
