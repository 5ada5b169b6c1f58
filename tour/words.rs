//! What the tour says in its own name.

use anstyle::{AnsiColor, Style};

use crate::progress::progress;

use crate::program::{PROGRAM, Play};

const TITLE: Style = AnsiColor::Yellow.on_default().bold();
const COMMAND: Style = Style::new().bold();

/// What is said before the whole tour.
pub fn welcome() -> String {
    told!(
        "Four levels, from an echo to a live translator, in about a minute.\n\
         Ctrl-C ends the tour. To play one level alone, say which: cargo run -- 4"
    )
}

impl Play {
    /// What is said before the play.
    pub fn introduction(&self) -> String {
        let Play { level, title, look, .. } = self;
        let title = told!("Level {}: {}", level, told!(title));
        let (look, by_hand, commands) = (told!(look), told!("By hand:"), self.commands());
        format!("\n{TITLE}── {title} ──{TITLE:#}\n{look}\n{by_hand}\n{commands}\n")
    }

    /// How to play it by hand, one line a command.
    fn commands(&self) -> String {
        let run = |binary: &str| format!("    {COMMAND}cargo run --bin {binary}{COMMAND:#}");
        let client = run(&[&[self.client], self.arguments].concat().join(" "));
        match self.server {
            Some(server) => {
                let second = told!("(in a second terminal)");
                format!("{}\n{client}     {second}", run(server))
            }
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
    let title = format!("\n{TITLE}── {} ──{TITLE:#}", told!("Your turn"));
    let test = format!("{COMMAND}cargo test{COMMAND:#}");
    told!(
        "{}\nRun it yourself, in two terminals:\n{}\nRead how it is done:\n    {}\n\
         Then do the exercises. This checks them:\n    {}\n{}",
        title,
        commands,
        files,
        test,
        progress(),
    )
}

/// The source of a binary: its name is its path.
fn file(binary: &str) -> String {
    format!("lessons/{}.rs", binary.replacen('_', "/", 1))
}
