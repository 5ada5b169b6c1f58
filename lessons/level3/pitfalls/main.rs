//! Level 3: six pitfalls, each run for real: first the wrong way, then the right way.
//!
//!     cargo run --bin level3_pitfalls
//!     cargo run --bin level3_pitfalls 2                  (only the second)
//!     cargo run --bin level3_pitfalls blocking-call      (the same, by its name)
//!
//! 1 forgotten-await, 2 blocking-call, 3 block-on, 4 feed-without-flush,
//! 5 leaving-without-close, 6 no-end-marker. Each is a file of its own.

mod block_on;
mod blocking_call;
mod feed_without_flush;
mod forgotten_await;
mod leaving_without_close;
mod no_end_marker;
mod peers;
mod timeline;

use anyhow::Result;
use clap::Arg;
use websocket_streaming::{Failure, cli};

/// Shows a pitfall. An ordinary function, with a runtime of its own inside: what a pitfall does to
/// its runtime, it does to no other.
type Run = fn() -> Result<()>;

const PITFALLS: [(&str, Run); 6] = [
    ("forgotten-await", forgotten_await::run),
    ("blocking-call", blocking_call::run),
    ("block-on", block_on::run),
    ("feed-without-flush", feed_without_flush::run),
    ("leaving-without-close", leaving_without_close::run),
    ("no-end-marker", no_end_marker::run),
];

fn main() -> Result<(), Failure> {
    let argument = Arg::new("PITFALL")
        .help("The number or the name of one pitfall; all six, unless given")
        .value_parser(number_of);
    let matches = cli::command(include_str!("main.rs")).arg(argument).get_matches();
    let chosen: Option<&usize> = matches.get_one("PITFALL");

    for (number, (name, run)) in (1..).zip(PITFALLS) {
        if chosen.is_none_or(|&chosen| chosen == number) {
            if chosen.is_none() && number > 1 {
                println!();
            }
            println!("Pitfall {number}: {name}");
            run()?;
        }
    }
    Ok(())
}

/// The number of the pitfall that was asked for, by its number or by its name.
fn number_of(argument: &str) -> Result<usize, String> {
    for (number, (name, _run)) in (1..).zip(PITFALLS) {
        if argument == name || argument == number.to_string() {
            return Ok(number);
        }
    }
    let names = PITFALLS.map(|(name, _run)| name).join(", ");
    Err(format!("choose 1 to 6, or one of {names}"))
}
