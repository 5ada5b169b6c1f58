//! Level 6: a live log, for any number of readers at once.
//!
//!     cargo run -p level6 --bin logs_server     (it tells of itself, once a second)
//!     ping localhost | cargo run -p level6 --bin logs_server
//!     cargo run -p level6 --bin logs_server -- COMMAND ARGUMENTS
//!     cargo run -p level6 --bin logs_client     (in a second terminal)
//!
//! Or open http://127.0.0.1:8765/ in as many browsers as you like. The log keeps the newest lines.
//! Each reader has a place in it of its own, and nobody waits for a slow one.

use std::ffi::OsString;

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
    let filling = source.start(log.clone())?;
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
        .get_matches();
    let source = match matches.remove_many("COMMAND") {
        Some(words) => Source::Command(words.collect()),
        None if matches.get_flag("pulse") => Source::Pulse,
        None => Source::usual(),
    };
    (matches.remove_one("ADDRESS").expect("it has a default"), source)
}
