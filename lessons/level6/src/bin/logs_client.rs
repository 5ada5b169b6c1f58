//! Level 6: follows a live log, and comes back when the connection is lost.
//!
//!     cargo run -p level6 --bin logs_server
//!     cargo run -p level6 --bin logs_client     (in as many terminals as you like)
//!     cargo run -p level6 --bin logs_client -- --tail 100 ws://127.0.0.1:8765
//!
//! It goes on after the last line that it has, and says how many lines it has lost. Lines are
//! printed to standard output, and what happens to the connection to standard error.

use std::{
    io::{self, ErrorKind, Write},
    sync::Once,
};

use clap::{Arg, ArgAction, value_parser};
use level6::{Client, Seen, full_jitter};
use websocket_streaming::{ConnectError, ConnectErrorKind, Failure, cli, connect, visible};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let matches = cli::command(include_str!("logs_client.rs"))
        .arg(Arg::new("URL").help("The server's URL").default_value(cli::DEFAULT_URL))
        .arg(
            Arg::new("tail")
                .long("tail")
                .value_name("N")
                .help("With how many of the newest lines to begin")
                .value_parser(value_parser!(u64))
                .default_value("10"),
        )
        .arg(
            Arg::new("once")
                .long("once")
                .help("Do not come back when the connection is lost")
                .action(ArgAction::SetTrue),
        )
        .get_matches();
    let url: &String = matches.get_one("URL").expect("it has a default");
    let tail = *matches.get_one("tail").expect("it has a default");
    let once = matches.get_flag("once");
    let dial = async || connect(url).await.inspect_err(hint);
    let following = Client { dial, tail, once, jitter: full_jitter }.follow(show);
    Ok(following.await.map_err(|error| with_address(error, url))?)
}

/// What goes wrong once there is a connection does not say where.
fn with_address(error: anyhow::Error, url: &str) -> anyhow::Error {
    if error.to_string().contains(url) { error } else { error.context(url.to_string()) }
}

/// Says once how to start the server, if that would help.
fn hint(error: &ConnectError) {
    static SAID: Once = Once::new();
    if matches!(&error.kind, ConnectErrorKind::Tcp(it) if it.kind() == ErrorKind::ConnectionRefused)
    {
        let hint = "start its server first: cargo run -p level6 --bin logs_server";
        SAID.call_once(|| eprintln!("-- nobody listens at {}; {hint} --", error.url));
    }
}

/// Prints, and ends with the program that reads this, as in `logs_client | head`.
fn show(seen: Seen) {
    if print(seen).is_err() {
        std::process::exit(0);
    }
}

fn print(seen: Seen) -> io::Result<()> {
    let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
    match seen {
        Seen::Connected => writeln!(err, "-- connected --"),
        Seen::Line(text, false) => writeln!(out, "{}", visible(&text)),
        Seen::Line(text, true) => writeln!(out, "[stderr] {}", visible(&text)),
        Seen::Lost(1) => writeln!(out, "-- 1 line lost --"),
        Seen::Lost(count) => writeln!(out, "-- {count} lines lost --"),
        Seen::Anew => writeln!(out, "-- another log: its numbering begins anew --"),
        Seen::Waiting(reason, wait) => {
            let seconds = wait.as_secs_f64();
            writeln!(err, "-- {}; again in {seconds:.1} s --", visible(&reason))
        }
        Seen::End(None) => writeln!(out, "-- the log has ended --"),
        Seen::End(Some(status)) => writeln!(out, "-- the log has ended, with status {status} --"),
    }
}
