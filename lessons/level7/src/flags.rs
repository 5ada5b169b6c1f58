//! The server's command line: every limit a flag, with a default that is sane.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use clap::{Arg, ArgAction, Command, value_parser};
use websocket_streaming::cli;

/// What `--help` says at its end.
pub const DIAGNOSTICS: &str = "\
    Diagnostics go to standard error. RUST_LOG=debug shows every connection. Single frames are never\n\
    shown, whatever RUST_LOG says: some of them hold tokens.";

/// Keeps frames and headers out of the log, even if `RUST_LOG` asks for them: the crates beneath
/// log them, with the tokens in them. To be called once the log is set up.
pub fn no_frames_in_the_log() {
    log::set_max_level(log::max_level().min(log::LevelFilter::Debug));
}

/// Adds the server's arguments to a command.
pub(crate) fn flags(command: Command) -> Command {
    let text = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let file = |name, help| text(name, "FILE", help).value_parser(value_parser!(PathBuf));
    let flag = |name, help| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    let list = |name, value, help| text(name, value, help).action(ArgAction::Append);
    let count = |name, default, help| {
        text(name, "N", help).default_value(default).value_parser(value_parser!(u32).range(1..))
    };
    let time = |name, default, help| {
        text(name, "SECONDS", help).default_value(default).value_parser(seconds)
    };
    let address = Arg::new("ADDRESS").default_value(cli::DEFAULT_ADDRESS);
    command
        .arg(address.help("Where to listen; port 0 takes any that is free"))
        .next_help_heading("TLS")
        .arg(file("cert", "The certificate, with its issuers' (PEM)").requires("key"))
        .arg(file("key", "The certificate's private key (PEM)").requires("cert"))
        .arg(
            text("dev-cert", "FOLDER", "Make a certificate for this machine, and use it")
                .value_parser(value_parser!(PathBuf))
                .conflicts_with("cert"),
        )
        .next_help_heading("Who may come")
        .arg(file("reader-token-file", "Who has the token in it may read; else everybody may"))
        .arg(file("writer-token-file", "Who has the token in it may publish, too"))
        .arg(list("origin", "ORIGIN", "Pages of this site may connect [default: its own]"))
        .arg(flag("behind-proxy", "A proxy in front does TLS, and names the clients' addresses"))
        .arg(
            list("trust", "ADDRESS", "Where the proxy is, if on another machine: IP or network")
                .requires("behind-proxy"),
        )
        .next_help_heading("More than one server")
        .arg(text("nats", "URL", "Keep the log in NATS JetStream, such as nats://127.0.0.1:4222"))
        .arg(
            file("nats-file", "The same, from a file: for a URL with a password")
                .conflicts_with("nats"),
        )
        .arg(
            text("stream", "NAME", "The stream's name there")
                .default_value("live")
                .value_parser(stream_name),
        )
        .next_help_heading("How many, and how long")
        .arg(count("connections", "10000", "Open connections in all; then 503"))
        .arg(count("per-address", "100", "Open connections from one address; then 429"))
        .arg(count("at-the-door", "1000", "Handshakes under way; more are dropped"))
        .arg(count("wrong-tokens", "30", "Wrong tokens a minute from one address; then 429"))
        .arg(count("messages", "100", "Messages a second from one client; then 1008"))
        .arg(time("handshake", "10", "For TLS and the request together"))
        .arg(time("login", "5", "For the login of a client whose handshake has no token"))
        .arg(time("pulse", "20", "Between pings; a client silent for as long is gone"))
        .arg(time("goodbye", "5", "Over which the goodbyes are spread at SIGTERM"))
}

/// A number of seconds, such as 20 or 0.5.
///
/// # Errors
/// If it is none, or less than a millisecond, or more than a day.
pub fn seconds(text: &str) -> Result<Duration> {
    let seconds: f64 = text.parse()?;
    let time = Duration::try_from_secs_f64(seconds).context("not a time")?;
    anyhow::ensure!(time >= Duration::from_millis(1), "too short");
    anyhow::ensure!(time <= Duration::from_secs(24 * 3600), "longer than a day");
    Ok(time)
}

/// The name of a stream, which is the beginning of its subject as well.
fn stream_name(text: &str) -> Result<String> {
    let is_fit = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    anyhow::ensure!(
        (1..=255).contains(&text.len()) && text.chars().all(is_fit),
        "a stream's name has letters and digits of ASCII, `-` and `_`, as in `live-logs`"
    );
    Ok(text.into())
}
