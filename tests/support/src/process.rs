//! The lessons' binaries as real processes, in real time: every wait has a generous deadline.

use std::{
    ffi::OsStr,
    path::PathBuf,
    process::{ExitStatus, Stdio},
};

use crate::{build_folder, deadline::DEADLINE};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy, sink},
    process::{Child, ChildStdin, ChildStdout, Command},
    task::JoinHandle,
    time::timeout,
};

/// The path of a lesson's binary. Cargo builds them all before it runs an integration test.
pub fn binary(name: &str) -> PathBuf {
    build_folder().join(name).with_extension(std::env::consts::EXE_EXTENSION)
}

/// A lesson's binary, to be started in a way of one's own.
pub fn command(name: &str, arguments: &[impl AsRef<OsStr>]) -> Command {
    let mut command = Command::new(binary(name));
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .env_remove("RUST_LOG")
        .env_remove("RUST_BACKTRACE")
        .kill_on_drop(true);
    command
}

/// What a program left behind when it ended.
#[derive(Debug)]
pub struct Finished {
    pub stdout: String,
    pub stderr: String,
    pub status: ExitStatus,
}

/// Runs a client to its end.
pub async fn run(name: &str, arguments: &[&str], stdin: &str) -> Finished {
    let mut child = command(name, arguments).spawn().expect("the binary is built");
    let mut input = child.stdin.take().expect("stdin is piped");
    let finished = async {
        // A client that ends early leaves its input unread, which is its own affair.
        let _ = input.write_all(stdin.as_bytes()).await;
        drop(input);
        child.wait_with_output().await.expect("the process can be waited for")
    };
    let output = timeout(DEADLINE, finished).await.expect("the client ends before the deadline");
    Finished {
        stdout: String::from_utf8(output.stdout).expect("a lesson prints UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("a lesson logs UTF-8"),
        status: output.status,
    }
}

/// A program that is watched while it runs. Killed when dropped.
pub struct Running {
    child: Child,
    stdout: ChildStdout,
    printed: Vec<u8>,
}

impl Running {
    pub fn start(command: &mut Command) -> Running {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn().expect("the binary is built");
        let stdout = child.stdout.take().expect("stdout is piped");
        Running { child, stdout, printed: Vec::new() }
    }

    /// Waits until the program has printed `text`.
    pub async fn has_printed(&mut self, text: &str) {
        let reading = async {
            while !String::from_utf8_lossy(&self.printed).contains(text) {
                let count = self.stdout.read_buf(&mut self.printed).await;
                let count = count.expect("stdout can be read");
                assert!(count > 0, "it ended before it printed {text:?}: {:?}", self.printed);
            }
        };
        timeout(DEADLINE, reading).await.expect("it prints the text before the deadline");
    }

    /// Waits until the program ends by itself.
    pub async fn finished(self) -> Finished {
        let Running { mut child, stdout, printed } = self;
        child.stdout = Some(stdout);
        let finished = timeout(DEADLINE, child.wait_with_output());
        let output = finished.await.expect("it ends before the deadline");
        let output = output.expect("the process can be waited for");
        let stdout = [printed, output.stdout].concat();
        Finished {
            stdout: String::from_utf8(stdout).expect("a lesson prints UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("a lesson logs UTF-8"),
            status: output.status,
        }
    }
}

/// A lesson's server, listening on a port that the system chose. Killed when dropped.
pub struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: JoinHandle<String>,
    first_line: String,
    /// `ws://127.0.0.1:PORT`
    pub url: String,
}

impl Server {
    pub async fn start(name: &str) -> Server {
        Server::start_with_log(name, "warn").await
    }

    /// `log` is what `RUST_LOG` is set to.
    pub async fn start_with_log(name: &str, log: &str) -> Server {
        let mut command = command(name, &["127.0.0.1:0"]);
        Server::spawn(command.env("RUST_LOG", log)).await
    }

    /// Starts any command that ends up as a lesson's server.
    pub async fn spawn(command: &mut Command) -> Server {
        Server::spawn_reading(command, Stdio::null()).await
    }

    /// As [`Server::spawn`], for a server that reads standard input: this end of it is the test's.
    pub async fn spawn_piped(command: &mut Command) -> (Server, ChildStdin) {
        let mut server = Server::spawn_reading(command, Stdio::piped()).await;
        let stdin = server.child.stdin.take().expect("stdin is piped");
        (server, stdin)
    }

    async fn spawn_reading(command: &mut Command, stdin: Stdio) -> Server {
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn().expect("the binary is built");
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut stderr = child.stderr.take().expect("stderr is piped");
        // Read all the time, so that a full pipe cannot stop the server.
        let stderr = tokio::spawn(async move {
            let mut text = String::new();
            let _ = stderr.read_to_string(&mut text).await;
            text
        });
        let mut first_line = String::new();
        timeout(DEADLINE, stdout.read_line(&mut first_line))
            .await
            .expect("the server starts before the deadline")
            .expect("the server prints UTF-8");
        let url = first_line
            .trim_end()
            .strip_prefix("Listening on ")
            .unwrap_or_else(|| panic!("not the first line of a server: {first_line:?}"))
            .to_string();
        Server { child, stdout, stderr, first_line, url }
    }

    /// `127.0.0.1:PORT`
    pub fn address(&self) -> &str {
        self.url.strip_prefix("ws://").expect("a ws URL")
    }

    pub fn pid(&self) -> u32 {
        self.child.id().expect("the server is running")
    }

    /// Waits for the next line that the server prints.
    pub async fn next_line(&mut self) -> String {
        let mut line = String::new();
        timeout(DEADLINE, self.stdout.read_line(&mut line))
            .await
            .expect("the server prints a line before the deadline")
            .expect("the server prints UTF-8");
        line.trim_end().to_string()
    }

    /// Reads and forgets what the server prints, until it ends. A full pipe would stop it.
    pub async fn drain(&mut self) {
        let _ = copy(&mut self.stdout, &mut sink()).await;
    }

    /// Sends a signal by its name, `INT` or `TERM`.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let status = std::process::Command::new("kill")
            .args([format!("-{name}"), self.pid().to_string()])
            .status()
            .expect("there is a `kill` on every Unix");
        assert!(status.success(), "the server is gone already");
    }

    /// Kills the server, as a crash would.
    pub async fn kill(&mut self) {
        self.child.kill().await.expect("the server is running");
    }

    /// Waits until the server ends by itself, and returns what it printed from the first line on.
    pub async fn finished(self) -> Finished {
        let Server { mut child, mut stdout, stderr, first_line, .. } = self;
        let finished = async {
            let mut text = first_line;
            stdout.read_to_string(&mut text).await.expect("the server prints UTF-8");
            let status = child.wait().await.expect("the process can be waited for");
            let stderr = stderr.await.expect("reading stderr does not panic");
            Finished { stdout: text, stderr, status }
        };
        timeout(DEADLINE, finished).await.expect("the server ends before the deadline")
    }

    /// Asks the server to stop, as a service manager would, and waits for its end.
    pub async fn stop(self) -> Finished {
        #[cfg(unix)]
        self.signal("TERM");
        #[cfg(not(unix))]
        let this = {
            let mut this = self;
            this.kill().await;
            this
        };
        #[cfg(unix)]
        let this = self;
        this.finished().await
    }
}
