//! Level 6: a live log, for any number of readers at once.
//!
//!     cargo run -p level6 --bin logs_server     (it tells of itself, once a second)
//!     ping localhost | cargo run -p level6 --bin logs_server
//!     cargo run -p level6 --bin logs_server -- COMMAND ARGUMENTS
//!     cargo run -p level6 --bin logs_client     (in a second terminal)
//!
//! Or open http://127.0.0.1:8765/ in as many browsers as you like. The log keeps the newest lines.
//! Each reader has a place in it of its own, and nobody waits for a slow one.

use std::{
    env,
    ffi::OsString,
    io::{self, ErrorKind},
    net::IpAddr,
};

use clap::{Arg, ArgAction, value_parser};
use level6::{Log, Logs, SEND_BUFFER, Source};
use websocket_streaming::{Failure, cli, listen_with, say, serve, shutdown_signal};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let (address, source) = arguments();
    let shutdown = shutdown_signal();
    let listener = listen_with(&address, |socket| socket.set_send_buffer_size(SEND_BUFFER)).await?;
    say!("Open http://{}/ in a browser", listener.local_addr()?);
    say!("The lines come from {source}");
    // A name that no log has had before.
    let log = Log::new(format!("{:08x}", rand::random::<u32>()));
    let filling = source.clone().start(log.clone()).map_err(|error| hint(error, &source))?;
    serve(listener, Logs(log), shutdown).await;
    // The runtime drops the task, and so its command is killed; here we wait until it is.
    filling.abort();
    let _ = filling.await;
    Ok(())
}

fn arguments() -> (String, Source) {
    let mut matches = cli::server_command(include_str!("logs_server.rs"))
        .arg(
            Arg::new("ADDRESS")
                .help("Where to listen; port 0 takes any that is free")
                .default_value(cli::DEFAULT_ADDRESS),
        )
        .arg(
            Arg::new("pulse")
                .long("pulse")
                .help("Tell of itself, whatever comes on standard input")
                .action(ArgAction::SetTrue)
                .conflicts_with("COMMAND"),
        )
        .arg(
            Arg::new("COMMAND")
                .help("A command and its arguments, after `--`: what it prints is the log")
                .value_parser(value_parser!(OsString))
                .num_args(1..)
                .last(true),
        )
        .get_matches_from(words(env::args_os()));
    let source = match matches.remove_many("COMMAND") {
        Some(words) => Source::Command(words.collect()),
        None if matches.get_flag("pulse") => Source::Pulse,
        None => Source::usual(),
    };
    (matches.remove_one("ADDRESS").expect("it has a default"), source)
}

/// Cargo keeps the first `--` to itself: `cargo run … -- COMMAND` starts us with the command alone.
/// What is no address is one, with a `--` before it.
fn words(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut words: Vec<OsString> = arguments.collect();
    let is_option = |word: &OsString| word.to_string_lossy().starts_with('-');
    let first = words.iter().skip(1).take_while(|word| is_option(word)).count() + 1;
    let is_address = |word: &OsString| word.to_string_lossy().contains(':');
    if words.get(first).is_some_and(|word| !is_address(word)) && words[first - 1] != "--" {
        words.insert(first, "--".into());
    }
    words
}

/// What has no colon is taken for a command. If there is no such program, it may be half an address.
fn hint(error: anyhow::Error, source: &Source) -> anyhow::Error {
    let Source::Command(words) = source else { return error };
    let is_missing = |it: &io::Error| it.kind() == ErrorKind::NotFound;
    if !error.downcast_ref().is_some_and(is_missing) {
        return error;
    }
    let word = words[0].to_string_lossy();
    let address = if word.parse::<u16>().is_ok() {
        format!("127.0.0.1:{word}")
    } else if word == "localhost" || word.parse::<IpAddr>().is_ok() {
        format!("{word}:8765")
    } else {
        return error;
    };
    anyhow::anyhow!("`{word}` is no program, and an address is HOST:PORT, for example {address}")
}

#[cfg(test)]
#[test]
fn a_command_needs_no_dashes_and_an_address_gets_none() {
    for (given, due) in [
        ("me", "me"),
        ("me 127.0.0.1:0", "me 127.0.0.1:0"),
        ("me --pulse [::1]:0", "me --pulse [::1]:0"),
        ("me 127.0.0.1:0 -- sh -c ls", "me 127.0.0.1:0 -- sh -c ls"),
        ("me sh -c ls", "me -- sh -c ls"),
        ("me -- sh -c ls", "me -- sh -c ls"),
        ("me --help", "me --help"),
    ] {
        let words = words(given.split(' ').map(OsString::from));
        assert_eq!(words.join(" ".as_ref()), due, "{given}");
    }
}
