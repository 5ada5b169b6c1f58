//! The cast: the processes that the tour has started, so that none of them outlives it.

use std::{
    io,
    process::{ExitStatus, Stdio},
};

use anyhow::{Context, Result, anyhow};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};

use crate::lessons;

#[derive(Default)]
pub struct Cast(Vec<Child>);

impl Cast {
    /// Starts a process.
    pub fn start(&mut self, command: &mut Command) -> io::Result<&mut Child> {
        self.0.push(command.stdin(Stdio::null()).kill_on_drop(true).spawn()?);
        let last = self.0.len() - 1;
        Ok(&mut self.0[last])
    }

    /// Starts a lesson. What it says comes through the pipes.
    pub fn start_lesson(
        &mut self,
        binary: &str,
        arguments: &[String],
    ) -> Result<(ChildStdout, ChildStderr)> {
        let mut command = Command::new(lessons::path(binary)?);
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = self.start(&mut command).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                anyhow!("{binary} is missing; build it first: cargo build --bin {binary}")
            }
            _ => anyhow!("cannot start {binary}: {error}"),
        })?;
        child.stdout.take().zip(child.stderr.take()).context("a process without pipes")
    }

    /// Waits until the process that was started last has ended.
    pub async fn last_status(&mut self) -> Result<ExitStatus> {
        let child = self.0.last_mut().context("no process was started")?;
        Ok(child.wait().await?)
    }

    /// Ends all processes, and waits until they are gone.
    pub async fn stop(&mut self) {
        while let Some(child) = self.0.last_mut() {
            // This fails if the process has ended by itself.
            let _ = child.kill().await;
            // Not earlier: if nobody waits for us to the end, it is still on the list.
            self.0.pop();
        }
    }
}
