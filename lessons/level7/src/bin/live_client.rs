//! Level 7: reads live logs, or publishes to them, over whatever network.
//!
//!     cargo run -p level7 --bin live_client     (once live_server runs: it reads)
//!     ping localhost | cargo run -p level7 --bin live_client -- --publish
//!     live_client wss://logs.example.org --token-file reader.token
//!
//! A token comes from a file, or from the variable LIVE_TOKEN. It comes back when the connection is
//! lost, goes on after the last line that it has, and sends again what is not acknowledged. It
//! gives up where that is in vain: a token that is not known, a certificate that cannot be trusted.

use std::{
    env,
    io::{self, Write},
    path::PathBuf,
};

use anyhow::{Context, Result};
use clap::{Arg, ArgAction, ArgMatches, value_parser};
use level6::{Seen, full_jitter};
use level7::{
    Client, DIAGNOSTICS, Outbox, Server, Shown, Token, lines, no_frames_in_the_log, seconds,
};
use websocket_streaming::{Failure, cli, visible};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let given = arguments();
    let url: &String = given.get_one("URL").expect("it has a default");
    let ca = given.get_one::<PathBuf>("ca").map(PathBuf::as_path);
    let server = Server::new(url, ca, token(&given)?)?;
    let dial = async || server.dial().await;
    let pulse = *given.get_one("pulse").expect("it has a default");
    let client = Client { dial, once: given.get_flag("once"), jitter: full_jitter, pulse };
    if !given.get_flag("publish") {
        let tail = *given.get_one("tail").expect("it has a default");
        client.follow(tail, show).await?;
        return Ok(());
    }
    let mut refused = 0;
    let count = |shown| {
        refused += usize::from(matches!(shown, Shown::Refused(..)));
        show(shown);
    };
    let outbox = Outbox::new(format!("{:016x}", rand::random::<u64>()));
    let rate = *given.get_one("rate").expect("it has a default");
    client.publish(lines(), outbox, rate, count).await?;
    match refused {
        0 => Ok(()),
        _ => Err(anyhow::anyhow!("lines that the server did not keep: {refused}").into()),
    }
}

fn token(given: &ArgMatches) -> Result<Option<Token>> {
    if let Some(file) = given.get_one::<PathBuf>("token-file") {
        return Token::from_file(file).map(Some);
    }
    let Some(text) = env::var_os("LIVE_TOKEN") else { return Ok(None) };
    // What is no Unicode is no ASCII either, and is told so. Left out, it would look like no token.
    Token::checked(&text.to_string_lossy()).context("the variable LIVE_TOKEN").map(Some)
}

fn arguments() -> ArgMatches {
    let option =
        |name: &'static str, value, help| Arg::new(name).long(name).value_name(value).help(help);
    let flag =
        |name: &'static str, help| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    let file = |name, help| option(name, "FILE", help).value_parser(value_parser!(PathBuf));
    let command = cli::command(include_str!("live_client.rs"));
    no_frames_in_the_log();
    command
        .after_help(DIAGNOSTICS)
        .arg(Arg::new("URL").help("The server's URL").default_value(cli::DEFAULT_URL))
        .arg(file("ca", "Trust this issuer of certificates (PEM), and not the system's"))
        .arg(file("token-file", "What says who you are, in a file"))
        .arg(flag("once", "Do not come back when the connection is lost"))
        .arg(
            option("tail", "N", "With how many of the newest lines to begin")
                .value_parser(value_parser!(u64))
                .default_value("10"),
        )
        .arg(flag("publish", "Publish the lines of standard input"))
        .arg(
            option("rate", "N", "Publish at most so many lines a second")
                .value_parser(value_parser!(u32).range(1..))
                .default_value("50"),
        )
        .arg(
            option("pulse", "SECONDS", "Between pings; a server silent for as long is gone")
                .value_parser(seconds)
                .default_value("20"),
        )
        .get_matches()
}

/// Prints, and ends with the program that reads this, as in `live_client | head`.
fn show(shown: Shown) {
    if print(shown).is_err() {
        std::process::exit(0);
    }
}

/// Lines go to standard output, and what happens to the connection to standard error.
fn print(shown: Shown) -> io::Result<()> {
    let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
    match shown {
        Shown::Seen(Seen::Connected) => writeln!(err, "-- connected --"),
        Shown::Seen(Seen::Line(text, false)) => writeln!(out, "{}", visible(&text)),
        Shown::Seen(Seen::Line(text, true)) => writeln!(out, "[stderr] {}", visible(&text)),
        Shown::Seen(Seen::Lost(1)) => writeln!(out, "-- 1 line lost --"),
        Shown::Seen(Seen::Lost(count)) => writeln!(out, "-- {count} lines lost --"),
        Shown::Seen(Seen::Anew) => writeln!(out, "-- another log: its numbering begins anew --"),
        Shown::Seen(Seen::Waiting(reason, wait)) => {
            let seconds = wait.as_secs_f64();
            writeln!(err, "-- {}; again in {seconds:.1} s --", visible(&reason))
        }
        Shown::Seen(Seen::End(_)) => writeln!(out, "-- the log has ended --"),
        Shown::Notice(text) => writeln!(err, "-- {} --", visible(&text)),
        Shown::Kept(seq) => writeln!(out, "kept as line {seq}"),
        Shown::Refused(text, reason) => {
            writeln!(err, "-- not kept, {}: {} --", visible(&reason), visible(&text))
        }
    }
}
