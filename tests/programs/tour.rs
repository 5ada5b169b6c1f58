//! The tour, as a reader starts it: what it shows, and that it leaves no process behind.

use std::process::Output;

use support::{assert_snapshot, deadline::soon};
use tokio::process::Command;

/// The tour as it runs without cargo, so that no test starts a build.
fn tour(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).kill_on_drop(true);
    for variable in ["CARGO", "RUST_LOG", "CLICOLOR_FORCE"] {
        command.env_remove(variable);
    }
    // The snapshots are English, whatever the reader speaks.
    command.env("LC_ALL", "C");
    command
}

/// Runs the tour to its end, with pipes instead of a terminal.
async fn run(program: &str, arguments: &[&str]) -> Output {
    soon(tour(program, arguments).output()).await.expect("the tour starts")
}

/// What a tour without any trouble shows.
async fn shown(arguments: &[&str]) -> String {
    let output = run(env!("CARGO_BIN_EXE_tour"), arguments).await;
    let errors = String::from_utf8(output.stderr).expect("stderr is text");
    assert!(output.status.success(), "{}: {errors}", output.status);
    assert_eq!(errors, "");
    let shown = String::from_utf8(output.stdout).expect("stdout is text");
    assert!(!shown.contains('\x1b'), "no colours in a pipe: {shown:?}");
    // Its last words are about the reader's own progress.
    let (shown, last) = shown.trim_end().rsplit_once('\n').expect("many lines");
    // In the language in which `cargo test` was run the last time.
    assert!(["exercises: ", "练习："].iter().any(|start| last.starts_with(start)), "{last}");
    shown.into()
}

/// The same in one order: in each play first what the server says, then what the client says.
/// How they interleave is up to the machine, and so is the port.
fn sorted(shown: &str) -> String {
    let mut lines: Vec<_> = shown.lines().map(without_port).collect();
    for play in lines.chunk_by_mut(|a, b| a.contains('│') == b.contains('│')) {
        play.sort_by_key(|line| line.starts_with("client"));
    }
    lines.join("\n")
}

fn without_port(line: &str) -> String {
    match line.split_once("127.0.0.1:") {
        Some((before, port)) if port.parse::<u16>().is_ok() => format!("{before}127.0.0.1:PORT"),
        // Otherwise insta would cut the space at the end, and nobody would notice a change.
        _ if line.contains('│') && line.ends_with(' ') => format!("{line}¶"),
        _ => line.into(),
    }
}

#[tokio::test]
async fn level_1_shows_the_echo_on_both_sides() {
    assert_snapshot("tour_level_1", &sorted(&shown(&["1"]).await));
}

#[cfg_attr(not(feature = "maintainer"), ignore = "takes 8 s")]
#[tokio::test]
async fn the_tour_speaks_the_language_of_its_reader() {
    let (english, chinese) = ("── Level 1: an echo ──", "── Level 1：回声 ──");
    let cases = [
        (["zh_CN.UTF-8", "", ""], chinese),
        (["", "zh_CN.UTF-8", "C"], chinese),
        (["", "", "zh_CN.UTF-8"], chinese),
        (["C", "zh_CN.UTF-8", "zh_CN.UTF-8"], english),
        (["", "", "de_DE.UTF-8"], english),
        (["", "", ""], english),
    ];
    for (values, title) in cases {
        let mut command = tour(env!("CARGO_BIN_EXE_tour"), &["1"]);
        command.envs(["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().zip(values));
        let output = soon(command.output()).await.expect("the tour starts");
        let shown = String::from_utf8(output.stdout).expect("stdout is text");
        assert!(shown.contains(title), "{values:?}: {shown}");
        // What the lessons say stays as it is.
        assert!(shown.contains("│ Received: Echo: Hello WebSocket!"), "{shown}");
    }
}

#[tokio::test]
async fn level_2_shows_a_conversation_a_stream_and_both_directions_at_once() {
    let shown = shown(&["2"]).await;
    let (in_turns, both_at_once) = shown.split_once("\n── Level 2: both at once").expect("a title");
    assert_snapshot("tour_level_2_in_turns", &sorted(in_turns));

    // Two clocks: what comes between what is up to the machine. The ticks are the server's own.
    assert!(both_at_once.contains("client │ Received: Tick 1\n"), "{both_at_once}");
    let mut lines: Vec<_> = both_at_once.lines().filter(|line| !line.contains("Tick")).collect();
    lines.sort_by_key(|line| line.contains('│').then_some(*line));
    assert_snapshot("tour_level_2_both_at_once", &sorted(&lines.join("\n")));
}

#[cfg_attr(not(feature = "maintainer"), ignore = "takes 2 s")]
#[tokio::test]
async fn level_3_shows_a_future_then_the_message_then_a_pitfall() {
    let shown = shown(&["3"]).await;
    let place = |text: &str| shown.find(text).unwrap_or_else(|| panic!("{text} in {shown}"));
    let future = place("client │ This is a future");
    let message = place("client │ 春眠不觉晓，\n");
    let pitfall = place("cargo run --bin level3_pitfalls 2\n");
    assert!(future < message && message < pitfall, "{shown}");
}

#[cfg_attr(not(feature = "maintainer"), ignore = "takes 3 s")]
#[tokio::test]
async fn level_4_shows_the_translation_while_it_grows() {
    assert_snapshot("tour_level_4", &sorted(&shown(&["4"]).await));
}

#[cfg_attr(not(feature = "maintainer"), ignore = "takes 13 s")]
#[tokio::test]
async fn without_a_level_all_four_are_played_in_order() {
    let shown = shown(&[]).await;
    let titles = shown.lines().filter(|line| line.starts_with("── "));
    assert_snapshot("tour_titles", &titles.collect::<Vec<_>>().join("\n"));
}

#[tokio::test]
async fn a_level_that_does_not_exist_is_refused_with_status_2() {
    for level in ["0", "5", "one"] {
        let output = run(env!("CARGO_BIN_EXE_tour"), &[level]).await;
        assert_eq!(output.status.code(), Some(2), "{level}");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(errors.starts_with(&format!("error: invalid value '{level}'")), "{errors}");
        assert!(output.stdout.is_empty());
    }
}

/// Processes, and how to end them: this needs Linux's `/proc`.
#[cfg(target_os = "linux")]
mod processes {
    use std::{
        fs,
        path::{Path, PathBuf},
        process::Stdio,
    };

    use tokio::{
        io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines},
        process::{Child, ChildStdout},
    };

    use super::*;

    /// The tour's fourth level, in the middle of the translation.
    async fn translating() -> (Child, Lines<BufReader<ChildStdout>>, Vec<u32>) {
        let mut command = tour(env!("CARGO_BIN_EXE_tour"), &["4"]);
        // A group of its own, as a shell gives to every program that it starts.
        command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut tour = command.spawn().expect("the tour starts");
        let mut lines = BufReader::new(tour.stdout.take().expect("a pipe")).lines();
        while let Some(line) = lines.next_line().await.expect("text") {
            if line.starts_with("client │ 你好") {
                break;
            }
        }
        let children = children(tour.id().expect("it is running"));
        assert_eq!(children.len(), 2, "a server and a client");
        (tour, lines, children)
    }

    /// Waits for the end. Returns the status and what was said on standard error.
    async fn ended(mut tour: Child, children: &[u32]) -> (Option<i32>, String) {
        let mut errors = String::new();
        let mut stderr = tour.stderr.take().expect("a pipe");
        stderr.read_to_string(&mut errors).await.expect("text");
        let status = tour.wait().await.expect("it ends");
        children.iter().for_each(assert_gone);
        (status.code(), errors)
    }

    /// The tour waits for its children, so they are gone when it is, not merely dying.
    fn assert_gone(process: &u32) {
        assert!(!Path::new(&format!("/proc/{process}")).exists(), "{process} is still there");
    }

    fn children(parent: u32) -> Vec<u32> {
        let processes = fs::read_dir("/proc").expect("/proc").flatten();
        let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        ids.filter(|id| {
            // PID (NAME) STATE PARENT …
            let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
            fields.split(' ').nth(1) == Some(&parent.to_string())
        })
        .collect()
    }

    /// `target` as for `kill`: a process, or a group of them with a minus.
    async fn kill(signal: &str, target: &str) {
        let script = format!("kill -s {signal} -- {target}");
        let status = Command::new("sh").args(["-c", &script]).status().await.expect("a shell");
        assert!(status.success());
    }

    #[tokio::test]
    async fn ctrl_c_ends_the_tour_and_everything_it_started() {
        soon(async {
            let (tour, _lines, children) = translating().await;
            // A terminal sends it to the whole group: the lessons get it as well.
            kill("INT", &format!("-{}", tour.id().expect("it is running"))).await;
            assert_eq!(ended(tour, &children).await, (Some(130), String::new()));
        })
        .await;
    }

    #[tokio::test]
    async fn sigterm_ends_the_tour_and_everything_it_started() {
        soon(async {
            let (tour, _lines, children) = translating().await;
            kill("TERM", &tour.id().expect("it is running").to_string()).await;
            assert_eq!(ended(tour, &children).await, (Some(130), String::new()));
        })
        .await;
    }

    #[tokio::test]
    async fn a_closed_pipe_ends_the_tour_quietly() {
        soon(async {
            let (tour, lines, children) = translating().await;
            drop(lines);
            assert_eq!(ended(tour, &children).await, (Some(0), String::new()));
        })
        .await;
    }

    /// A folder named after the test, with the tour in it, and these scripts as its lessons.
    async fn folder(test: &str, lessons: &[(&str, &str)]) -> PathBuf {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        fs::hard_link(env!("CARGO_BIN_EXE_tour"), folder.join("tour")).expect("a link");
        for (name, script) in lessons {
            // Not written by this process: what another test starts at this moment would inherit
            // the open file, and a program that is open for writing cannot be run.
            let write = r#"printf '#!/bin/sh\n%s\n' "$2" > "$1" && chmod +x "$1""#;
            let mut sh = Command::new("sh");
            sh.args(["-c", write, "sh"]).arg(folder.join(name)).arg(script);
            assert!(sh.status().await.expect("a shell").success());
        }
        folder
    }

    /// What Level 1 shows, and its one line of complaint.
    async fn failed(folder: &Path) -> (String, String) {
        let output = run(folder.join("tour").to_str().expect("a plain path"), &["1"]).await;
        assert_eq!(output.status.code(), Some(1));
        let text = |bytes| String::from_utf8(bytes).expect("text");
        (text(output.stdout), text(output.stderr))
    }

    /// The process number that a script has said.
    fn process(shown: &str) -> u32 {
        let number = shown.lines().find_map(|line| line.strip_prefix("server │ I am "));
        number.expect("a line with a number").parse().expect("a number")
    }

    #[tokio::test]
    async fn a_missing_lesson_is_named_with_what_to_do() {
        let folder = folder("missing_lesson", &[]).await;
        let (_, error) = failed(&folder).await;
        let todo = "build it first: cargo build --bin level1_echo_server";
        assert_eq!(error, format!("Error: level1_echo_server is missing; {todo}\n"));
    }

    #[tokio::test]
    async fn a_client_that_fails_ends_the_tour_and_the_server() {
        let server = "echo I am $$ >&2; echo Listening on ws://127.0.0.1:1; exec sleep 600";
        let client = "echo $1; echo Oh >&2; exit 3";
        let lessons = [("level1_echo_server", server), ("level1_echo_client", client)];
        let (shown, error) = failed(&folder("failing_client", &lessons).await).await;
        assert_eq!(error, "Error: level1_echo_client failed (exit status: 3)\n");
        assert!(shown.contains("client │ ws://127.0.0.1:1\n"), "{shown}");
        assert!(shown.contains("client │ Oh\n"), "{shown}");
        assert_gone(&process(&shown));
    }

    #[cfg_attr(not(feature = "maintainer"), ignore = "takes 10 s")]
    #[tokio::test]
    async fn a_server_that_is_silent_is_given_up() {
        let lessons = [("level1_echo_server", "echo I am $$ >&2; exec sleep 600")];
        let (shown, error) = failed(&folder("silent_server", &lessons).await).await;
        assert_eq!(error, "Error: level1_echo_server does not listen\n");
        assert_gone(&process(&shown));
    }

    #[tokio::test]
    async fn a_server_that_ends_at_once_shows_why() {
        let lessons = [("level1_echo_server", "echo The port is taken >&2; exit 1")];
        let (shown, error) = failed(&folder("ended_server", &lessons).await).await;
        assert_eq!(error, "Error: level1_echo_server does not listen\n");
        assert!(shown.contains("server │ The port is taken\n"), "{shown}");
    }
}
