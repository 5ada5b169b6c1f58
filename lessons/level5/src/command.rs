//! Any program as the answerer: the question on its standard input, the answer from its output.

use std::{
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Result, anyhow};
use futures_util::{StreamExt, stream};
use tokio::{
    io::AsyncReadExt,
    process::{Child, ChildStdout, Command},
    time::{sleep, timeout},
};
use tokio_util::task::AbortOnDropHandle;

use crate::{
    answerer::{Answerer, Words},
    decoder::Decoder,
    pipes::{log_errors, tell},
};

/// How long what a program has printed may take to arrive once it has ended.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A command line, as the system's shell understands it.
pub struct Program(pub String);

impl Answerer for Program {
    // ANCHOR: answer
    fn answer(&mut self, question: &str) -> Words {
        match Running::start(&self.0, question) {
            Ok(running) => stream::try_unfold(running, Running::next).boxed(),
            Err(error) => {
                log::error!("cannot start `{}`: {error}", self.0);
                stream::iter([Err(anyhow!("the program cannot be started"))]).boxed()
            }
        }
    }
    // ANCHOR_END: answer
}

/// A program that answers. When this is dropped, it is killed with all its children. (On Windows only
/// the shell that started it is.)
struct Running {
    child: Child,
    stdout: ChildStdout,
    text: Decoder,
    status: Option<ExitStatus>,
    #[cfg(unix)]
    group: Option<rustix::process::Pid>,
    /// Writes the question and reads the errors.
    beside: AbortOnDropHandle<()>,
}

impl Running {
    // ANCHOR: start
    fn start(line: &str, question: &str) -> Result<Running> {
        let (shell, option) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
        let mut command = Command::new(shell);
        command.args([option, line]).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // A group of its own, so that its children can be killed with it.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn()?;
        let (stdin, stdout, stderr) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let pipes = stdin.zip(stderr).zip(stdout).ok_or_else(|| anyhow!("no pipes"))?;
        let ((stdin, stderr), stdout) = pipes;
        // Beside the reading: a program that does not read its input, or fills its standard error,
        // would else wait for us while we wait for it.
        let question = question.to_string();
        let beside = AbortOnDropHandle::new(tokio::spawn(async {
            tokio::join!(tell(stdin, question), log_errors(stderr));
        }));
        Ok(Running {
            #[cfg(unix)]
            group: child.id().and_then(|id| rustix::process::Pid::from_raw(id as i32)),
            child,
            stdout,
            text: Decoder::default(),
            status: None,
            beside,
        })
    }
    // ANCHOR_END: start

    // ANCHOR: next
    /// The next piece of the answer, as soon as the program has written it.
    async fn next(mut self) -> Result<Option<(String, Running)>> {
        let mut buffer = [0; 4 * 1024];
        loop {
            let count = tokio::select! {
                count = self.stdout.read(&mut buffer) => count?,
                status = self.child.wait(), if self.status.is_none() => {
                    self.status = Some(status?);
                    // Its children would keep the pipe open for as long as they like.
                    self.kill_all();
                    continue;
                }
                // One that has left the group may still hold the pipe.
                () = sleep(LAST_WORDS), if self.status.is_some() => 0,
            };
            let text = match count {
                0 => self.text.finish(),
                _ => self.text.decode(&buffer[..count]),
            };
            if !text.is_empty() {
                return Ok(Some((text, self)));
            }
            if count == 0 {
                break;
            }
        }
        let status = match self.status {
            Some(status) => status,
            None => {
                let status = self.child.wait().await?;
                self.kill_all();
                *self.status.insert(status)
            }
        };
        // The reader gets the reason, and the log the rest of what it said.
        let _ = timeout(LAST_WORDS, &mut self.beside).await;
        if status.success() { Ok(None) } else { Err(anyhow!("the program failed: {status}")) }
    }
    // ANCHOR_END: next

    /// Kills the program and its children.
    fn kill_all(&self) {
        #[cfg(unix)]
        if let Some(group) = self.group {
            // It may just have ended by itself.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Else it has been killed already, and its number may be another's by now.
        if self.status.is_none() {
            self.kill_all();
        }
    }
}
