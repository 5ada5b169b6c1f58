//! What the lessons' command lines have in common. Nothing here is about sockets.

use std::{fmt, io, io::Write, time::Instant};

use clap::{Arg, Command};
use env_logger::Target;

use crate::{ConnectError, ConnectErrorKind, one_line, say::Log, visible};

/// Where the lessons' servers listen unless told otherwise.
pub const DEFAULT_ADDRESS: &str = "127.0.0.1:8765";

/// Where the lessons' clients connect unless told otherwise.
pub const DEFAULT_URL: &str = "ws://127.0.0.1:8765";

/// What a lesson's `main` returns: any error, printed as one line, with exit status 1.
///
/// `anyhow::Error` would add a backtrace where `RUST_BACKTRACE` is set, which is of no use to
/// somebody who has only forgotten to start the server.
pub struct Failure(anyhow::Error);

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure(error.into())
    }
}

// This is what Rust's runtime prints when `main` returns an error.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&visible(&one_line(&self.0)))
    }
}

/// Adds to an error of `connect` how to start the server, if that would help:
/// `connect(&url).await.map_err(start_first("level2_stream_server"))?`.
pub fn start_first(server: &str) -> impl FnOnce(ConnectError) -> anyhow::Error {
    move |error| match &error.kind {
        ConnectErrorKind::Tcp(reason) if reason.kind() == io::ErrorKind::ConnectionRefused => {
            anyhow::anyhow!("{error}; start its server first: cargo run --bin {server}")
        }
        _ => error.into(),
    }
}

/// The address that a server was given, and the log set up.
///
/// `source` is the lesson's own file: `--help` prints its header, which is the manual.
pub fn server_address(source: &str) -> String {
    let argument = Arg::new("ADDRESS")
        .help("Where to listen; port 0 takes any that is free")
        .default_value(DEFAULT_ADDRESS);
    let mut matches = server_command(source).arg(argument).get_matches();
    matches.remove_one("ADDRESS").expect("it has a default")
}

/// As [`command`], for a server with arguments of its own.
pub fn server_command(source: &str) -> Command {
    server_command_logging(source, "warn")
}

/// As [`server_command`], for a server that logs more by itself: `filter` is what `RUST_LOG` would
/// be set to, and holds where it is not.
pub fn server_command_logging(source: &str, filter: &str) -> Command {
    // Where the log is not read, no connection may have to wait for it.
    init_log(Target::Pipe(Box::new(Log)), filter);
    bare_command(source)
}

/// The URL that a client was given, and the log set up; `source` as in [`server_address`].
pub fn server_url(source: &str) -> String {
    let argument = Arg::new("URL").help("The server's URL").default_value(DEFAULT_URL);
    let mut matches = command(source).arg(argument).get_matches();
    matches.remove_one("URL").expect("it has a default")
}

/// The start of a lesson's command line, for one that has arguments of its own; sets up the log.
pub fn command(source: &str) -> Command {
    init_log(Target::Stderr, "warn");
    bare_command(source)
}

fn bare_command(source: &str) -> Command {
    Command::new("lesson").about(header(source)).after_help(
        "Diagnostics go to standard error. RUST_LOG=debug shows every connection,\n\
         RUST_LOG=tungstenite=trace every single frame.\n",
    )
}

/// The `//!` lines at the top of a file, without the marks.
fn header(source: &str) -> String {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

/// Logs to standard error what `RUST_LOG` asks for (`filter`, unless it is set), each line with
/// the milliseconds since the start.
fn init_log(target: Target, filter: &str) {
    let start = Instant::now();
    let environment = env_logger::Env::default().default_filter_or(filter);
    env_logger::Builder::from_env(environment)
        .target(target)
        .format(move |out, record| {
            let ms = start.elapsed().as_millis();
            let text = record.args().to_string();
            writeln!(out, "{ms:>6} ms  {:<5}  {}", record.level(), visible(&text))
        })
        .init();
}
