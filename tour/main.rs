//! The tour: Levels 1 to 4, played for you in this one terminal.
//!
//!     cargo run           (all levels)
//!     cargo run -- 4      (one level)

#[macro_use]
mod language;

mod cast;
mod lessons;
mod play;
mod program;
mod progress;
mod speech;
mod stage;
mod words;

use std::{
    io::{self, IsTerminal, Write},
    process::ExitCode,
    time::Duration,
};

use anyhow::Result;
use clap::{Arg, value_parser};
use tokio::{select, time::sleep};
use websocket_streaming::{cli, shutdown_signal};

use crate::{
    cast::Cast,
    play::{Screen, perform},
    program::{PROGRAM, Play},
    stage::Stage,
};

/// Time to read what a play is about, before it begins.
const READING_TIME: Duration = Duration::from_secs(3);

/// What shells say of a program that Ctrl-C has ended: 128 and the number of the signal.
const INTERRUPTED: u8 = 130;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    language::choose();
    let levels = value_parser!(u8).range(1..=4);
    let argument = Arg::new("LEVEL").help("Play this level alone, 1 to 4").value_parser(levels);
    let matches = cli::command(include_str!("main.rs")).arg(argument).get_matches();
    let level = matches.get_one("LEVEL").copied();

    let terminal = io::stdout().is_terminal();
    let mut stage = Stage::new(anstream::stdout(), terminal);
    let mut cast = Cast::default();
    let played = async {
        let outcome = tour(level, terminal, &mut stage, &mut cast).await;
        if outcome.is_err() {
            // Ctrl-C ends the lessons as well, and we may see their end before our own signal.
            sleep(Duration::from_millis(100)).await;
        }
        outcome.map(|()| ExitCode::SUCCESS)
    };
    let ending = select! {
        biased;
        () = shutdown_signal() => Ok(ExitCode::from(INTERRUPTED)),
        ending = played => ending,
    };
    // Whatever has happened, no process stays behind.
    cast.stop().await;
    let _ = stage.end_line();
    match ending {
        Ok(code) => code,
        // Nobody reads on, as in `cargo run | head`. That is not an error.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "Error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn tour(
    level: Option<u8>,
    terminal: bool,
    stage: &mut Screen,
    cast: &mut Cast,
) -> Result<()> {
    let is_played = |play: &&Play| level.is_none_or(|level| play.level == level);
    let plays: Vec<_> = PROGRAM.iter().filter(is_played).collect();
    lessons::build(&plays, cast).await?;
    if level.is_none() {
        stage.narrate(&words::welcome())?;
    }
    for play in plays {
        stage.narrate(&play.introduction())?;
        if terminal {
            sleep(READING_TIME).await;
        }
        perform(play, stage, cast).await?;
    }
    stage.narrate(&words::what_next(level))?;
    Ok(())
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref::<io::Error>(), Some(e) if e.kind() == io::ErrorKind::BrokenPipe)
}
