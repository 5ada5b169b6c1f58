//! The cast: the processes that the tour has started, so that none of them outlives it.

use std::{
    io,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, anyhow};
use futures_util::future::join_all;
use tokio::{
    process::{Child, ChildStderr, ChildStdout, Command},
    time::timeout,
};

use crate::lessons;

/// How long a lesson may take to stop by itself: 5 s.
const LAST_WORDS: Duration = Duration::from_secs(5);

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

    /// Asks all processes to stop, as Ctrl-C would, so that they say what they still have to say;
    /// ends those that do not within [`LAST_WORDS`].
    pub async fn stop_politely(&mut self) {
        for child in &self.0 {
            ask_to_stop(child).await;
        }
        let _ = timeout(LAST_WORDS, join_all(self.0.iter_mut().map(Child::wait))).await;
        self.stop().await;
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

/// Sends SIGTERM. Elsewhere than on Unix nobody can be asked, and a moment has to do.
async fn ask_to_stop(child: &Child) {
    let Some(id) = child.id() else { return };
    if cfg!(unix) {
        let _ = Command::new("kill").arg(id.to_string()).stderr(Stdio::null()).status().await;
    } else {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
