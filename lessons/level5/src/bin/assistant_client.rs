//! Level 5: talks to the assistant. Ctrl-C stops the answer; between answers it leaves.
//!
//!     cargo run -p level5 --bin assistant_server
//!     cargo run -p level5 --bin assistant_client     (in a second terminal: a conversation)
//!     cargo run -p level5 --bin assistant_client "I am tired of polling"     (one answer)

use std::{
    io::{self, BufRead, IsTerminal, Write},
    process::ExitCode,
    thread,
};

use clap::{Arg, error::ErrorKind};
use level5::client::{Ending, Partner};
use tokio::{signal::ctrl_c, sync::mpsc};
use websocket_streaming::{Failure, cli, connect};

#[tokio::main]
async fn main() -> Result<ExitCode, Failure> {
    let (question, url) = arguments();
    let mut interrupts = interrupts();
    let start_first = cli::start_first("assistant_server -p level5");
    let mut partner = tokio::select! {
        socket = connect(&url) => Partner::over(socket.map_err(start_first)?),
        // There is nothing yet that could be stopped but this.
        _ = interrupts.recv() => return Ok(ExitCode::FAILURE),
    };
    let mut succeeded = true;
    match question {
        Some(question) => {
            succeeded = show(partner.ask(&question, &mut interrupts, print).await);
        }
        None => {
            let mut questions = lines();
            loop {
                prompt();
                // It listens meanwhile: so it answers pings, and hears when the server goes.
                let question = tokio::select! {
                    question = questions.recv() => question,
                    _ = interrupts.recv() => None,
                    reason = partner.lost() => {
                        leave_prompt();
                        print(&format!("The connection is over: {reason}\n"));
                        return Ok(ExitCode::FAILURE);
                    }
                };
                let Some(question) = question else {
                    leave_prompt();
                    break;
                };
                let ending = partner.ask(&question, &mut interrupts, print).await;
                let is_over = matches!(ending, Ending::CutOff(_) | Ending::Left);
                succeeded &= show(ending);
                if is_over {
                    break;
                }
            }
        }
    }
    partner.leave().await;
    Ok(if succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// If nobody reads it any more, that is no reason to stop, nor to panic as `print!` does.
fn print(text: &str) {
    let mut stdout = io::stdout();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

/// Says how an answer ended, unless it is complete. Whether that is a success.
fn show(ending: Ending) -> bool {
    print("\n");
    match ending {
        Ending::Completed => {}
        Ending::Cancelled | Ending::Left => print("(stopped)\n"),
        Ending::Failed(reason) => {
            print(&format!("(failed: {reason})\n"));
            return false;
        }
        Ending::CutOff(reason) => {
            print(&format!("(cut off: {reason})\n"));
            return false;
        }
    }
    true
}

fn prompt() {
    if io::stdin().is_terminal() {
        print("> ");
    }
}

/// What comes after a prompt begins a line of its own.
fn leave_prompt() {
    if io::stdin().is_terminal() {
        print("\n");
    }
}

/// The lines of standard input. A thread reads them: a task that reads would keep the program from
/// ending until the next line has come.
fn lines() -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel(1);
    thread::spawn(move || {
        // By bytes: a line that is no UTF-8 is a question, too, and not the end of all.
        for line in io::stdin().lock().split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).trim_end_matches('\r').to_string();
            if !line.trim().is_empty() && sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

/// Ctrl-C, every time; it no longer ends the program.
fn interrupts() -> mpsc::Receiver<()> {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move { while ctrl_c().await.is_ok() && sender.send(()).await.is_ok() {} });
    receiver
}

/// The question, if there is one, and the server's URL. They are told apart by what they look like.
fn arguments() -> (Option<String>, String) {
    let (mut question, mut url) = (None, cli::DEFAULT_URL.to_string());
    let mut command = cli::command(include_str!("assistant_client.rs"))
        .arg(Arg::new("QUESTION").help("What to ask; without it, one question a line is read"))
        .arg(Arg::new("URL").help("The server's URL; it may stand first, or alone"));
    let matches = command.get_matches_mut();
    for name in ["QUESTION", "URL"] {
        if let Some(argument) = matches.get_one::<String>(name) {
            if argument.contains("://") && !argument.contains(char::is_whitespace) {
                url.clone_from(argument);
            } else if question.is_some() {
                let hint =
                    "a question of several words stands in quotes: \"I am tired of polling\"";
                command.error(ErrorKind::TooManyValues, hint).exit();
            } else {
                question = Some(argument.clone());
            }
        }
    }
    (question, url)
}
