//! What the tour says in its own name.

use anstyle::{AnsiColor, Style};

use crate::progress::progress;

use crate::program::{PROGRAM, Play};

const TITLE: Style = AnsiColor::Yellow.on_default().bold();
const COMMAND: Style = Style::new().bold();

/// What is said before the whole tour.
pub const WELCOME: &str = "\
Four levels, from an echo to a live translator, in about a minute.
Ctrl-C ends the tour. To play one level alone, say which: cargo run -- 4";

impl Play {
    /// What is said before the play.
    pub fn introduction(&self) -> String {
        let Play { level, title, look, .. } = self;
        let commands = self.commands();
        format!("\n{TITLE}── Level {level}: {title} ──{TITLE:#}\n{look}\nBy hand:\n{commands}\n")
    }

    /// How to play it by hand, one line a command.
    fn commands(&self) -> String {
        let run = |binary: &str| format!("    {COMMAND}cargo run --bin {binary}{COMMAND:#}");
        let client = run(&[&[self.client], self.arguments].concat().join(" "));
        match self.server {
            Some(server) => format!("{}\n{client}     (in a second terminal)", run(server)),
            None => client,
        }
    }
}

/// What is said at the end, after one level or after all of them.
pub fn what_next(level: Option<u8>) -> String {
    let first = |play: &&Play| Some(play.level) == level;
    let play = PROGRAM.iter().find(first).unwrap_or(&PROGRAM[0]);
    let commands = play.commands();
    let files: Vec<_> = play.binaries().map(file).collect();
    let files = files.join("\n    ");
    format!(
        "\n{TITLE}── Your turn ──{TITLE:#}\nRun it yourself, in two terminals:\n{commands}\n\
         Read how it is done:\n    {files}\n\
         Then do the exercises. This checks them:\n    {COMMAND}cargo test{COMMAND:#}\n\
         {progress}",
        progress = progress()
    )
}

/// The source of a binary: its name is its path.
fn file(binary: &str) -> String {
    format!("lessons/{}.rs", binary.replacen('_', "/", 1))
}
