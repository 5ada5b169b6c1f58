//! Where the lines come from, and what may come.

use std::{fs, time::Duration};

use level6::{Event, MAX_LINE};
use support::{
    client::connect,
    deadline::soon,
    process::{Server, command, run},
};
use tokio::{io::AsyncWriteExt, time::sleep};

use crate::{all_lines, next_event, server_of, subscribed};

/// A server that reads standard input, and what is written to it at once.
async fn server_with_input(input: &[u8]) -> Server {
    let mut command = command("logs_server", &["127.0.0.1:0"]);
    let (server, mut stdin) = Server::spawn_piped(&mut command).await;
    stdin.write_all(input).await.expect("the server reads");
    server
}

#[tokio::test]
async fn lines_of_every_kind_come_as_they_are_or_as_far_as_they_can() {
    let mut input =
        b"plain\n\nwindows\r\n\xff\xfe bad \xe4\xb8\n\x1b[2J\x07\x00<b>bold</b>\n".to_vec();
    input.extend("x".repeat(10 << 20).bytes());
    input.extend("\n世界\nthe last, without an end".bytes());
    let server = server_with_input(&input).await;
    let (lines, status) = all_lines(&server.url).await;
    let mut lines = lines.into_iter().map(|(text, _)| text);
    for due in
        ["plain", "", "windows", "\u{fffd}\u{fffd} bad \u{fffd}", "\u{1b}[2J\u{7}\0<b>bold</b>"]
    {
        assert_eq!(lines.next().as_deref(), Some(due));
    }
    let long = lines.next().expect("the long one");
    assert_eq!(long.trim_start_matches('x'), " … (cut: the line is longer than 64 KiB)");
    assert_eq!(long.matches('x').count(), 64 * 1024);
    assert_eq!(lines.collect::<Vec<_>>(), ["世界", "the last, without an end"]);
    assert_eq!(status, None, "whoever pipes has no status that we know");

    // A terminal shows them, and does not obey.
    let client = run("logs_client", &[&server.url], "").await;
    assert!(client.stdout.contains("\\u{1b}[2J\\u{7}\\0<b>bold</b>\n"), "{:.500}", client.stdout);
}

#[tokio::test]
async fn a_character_that_the_cut_goes_through_is_left_out() {
    // The cut is after its first byte, at its end, and after its second byte.
    let before = ["", "x", "xx"];
    let input: String = before.iter().map(|it| format!("{it}{}\n", "世".repeat(30_000))).collect();
    let server = server_with_input(input.as_bytes()).await;
    let (lines, _) = all_lines(&server.url).await;
    assert_eq!(lines.len(), before.len());
    for (before, (line, _)) in before.iter().zip(&lines) {
        let kept = line.strip_prefix(before).expect("it begins as it came");
        let rest = kept.trim_start_matches('世');
        assert_eq!(rest, " … (cut: the line is longer than 64 KiB)");
        let whole = (kept.len() - rest.len()) / "世".len();
        assert_eq!(whole, (MAX_LINE - before.len()) / "世".len());
    }
}

#[tokio::test]
async fn a_command_that_ends_ends_the_log_with_its_status() {
    for (script, due) in [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137)] {
        let server = server_of(script).await;
        assert_eq!(all_lines(&server.url).await, (vec![], Some(due)), "{script}");
    }
}

#[tokio::test]
async fn a_command_may_fill_both_its_pipes() {
    // Each time four times as much as a pipe holds: whichever is read first, the other one is full.
    let some = "seq -f %0100.0f 2600";
    let server = server_of(&format!("{some} >&2; {some}; {some} >&2")).await;
    let (lines, _) = all_lines(&server.url).await;
    let of = |which| lines.iter().filter(move |it| it.1 == which).map(|it| it.0.clone());
    let due = || (1..=2600).map(|number| format!("{number:0100}"));
    assert!(of(false).eq(due()));
    assert!(of(true).eq(due().chain(due())));
}

#[tokio::test]
async fn a_command_that_there_is_none_of_is_told_in_one_line() {
    let server = run("logs_server", &["127.0.0.1:0", "--", "no-such-program"], "").await;
    assert_eq!(server.status.code(), Some(1));
    assert!(server.stderr.contains("cannot start `no-such-program`: No such file"), "{server:?}");
    assert_eq!(server.stderr.lines().count(), 1);
}

/// Who has typed the port alone hears what an address looks like.
#[tokio::test]
async fn half_an_address_is_no_program_and_the_whole_one_is_told() {
    for (words, address) in [
        (&["8000"][..], "127.0.0.1:8000"),
        (&["8000", "--", "seq", "3"], "127.0.0.1:8000"),
        (&["localhost"], "localhost:8765"),
        (&["0.0.0.0"], "0.0.0.0:8765"),
    ] {
        // The usual address, where it would listen, may be taken.
        let words = [&["127.0.0.1:0", "--"], words].concat();
        let server = run("logs_server", &words, "").await;
        assert_eq!(server.status.code(), Some(1));
        let due = format!(
            "`{}` is no program, and an address is HOST:PORT, for example {address}\n",
            words[2]
        );
        assert_eq!(server.stderr, format!("Error: {due}"));
    }
}

fn is_running(pid: &String) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // Nobody may have asked yet how it ended.
    !status.is_empty() && !status.contains(") Z ")
}

async fn have_ended(pids: &[String]) {
    soon(async {
        while pids.iter().any(is_running) {
            sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn the_command_is_killed_with_its_children_when_the_server_stops() {
    // One that waits for its child, and one that has ended before it.
    for (script, is_all) in
        [("sleep 1000 & echo $!; echo $$; wait", true), ("sleep 1000 & echo $!; echo $$", false)]
    {
        let server = server_of(script).await;
        let mut client = subscribed(&server.url, "", 0).await;
        let mut pids = Vec::new();
        while pids.len() < 2 {
            let event = next_event(&mut client).await.expect("it stays");
            if let Event::Line { text, .. } = event {
                pids.push(text);
            }
        }
        assert!(is_running(&pids[0]) && (!is_all || is_running(&pids[1])), "{pids:?}");
        server.stop().await;
        have_ended(&pids).await;
    }
}

/// The log does not wait for a child that writes nothing.
#[tokio::test]
async fn what_a_command_leaves_behind_is_killed_at_its_end() {
    let server = server_of("sleep 1000 >/dev/null 2>&1 & echo $!; exit 3").await;
    let (lines, status) = all_lines(&server.url).await;
    assert_eq!(status, Some(3));
    have_ended(&[lines[0].0.clone()]).await;
}

#[tokio::test]
async fn a_server_stops_though_its_standard_input_is_open_and_silent() {
    let mut command = command("logs_server", &["127.0.0.1:0"]);
    let (server, stdin) = Server::spawn_piped(&mut command).await;
    let finished = server.stop().await;
    assert!(finished.status.success(), "{finished:?}");
    drop(stdin);
}

/// As Ctrl-C does in a terminal to `ping localhost | logs_server`.
#[tokio::test]
async fn when_both_sides_of_a_pipe_are_stopped_the_log_has_not_ended() {
    let mut command = command("logs_server", &["127.0.0.1:0"]);
    let (server, mut stdin) = Server::spawn_piped(&mut command).await;
    stdin.write_all(b"one\n").await.expect("the server reads");
    let mut client = subscribed(&server.url, "", 0).await;
    while !matches!(next_event(&mut client).await, Some(Event::Line { .. })) {}
    drop(stdin);
    sleep(Duration::from_millis(20)).await;
    let last = async { next_event(&mut client).await };
    let (finished, last) = tokio::join!(server.stop(), last);
    assert!(finished.status.success(), "{finished:?}");
    assert_eq!(last, None, "a reader that is told of an end does not come back");
}

#[tokio::test]
async fn without_a_source_the_server_tells_of_itself() {
    let server = Server::start("logs_server").await;
    let mut client = subscribed(&server.url, "", 0).await;
    let mut count = 0;
    while count < 2 {
        let event = next_event(&mut client).await.expect("it stays");
        if let Event::Line { text, .. } = event {
            assert!(text.starts_with("readers ") && text.contains(", lines sent "), "{text}");
            count += 1;
        }
    }
}

#[tokio::test]
async fn the_page_is_where_the_socket_is() {
    use tokio::{io::AsyncReadExt, net::TcpStream};
    let server = Server::start("logs_server").await;
    for (request, parts) in [
        ("GET / HTTP/1.1", ["200 OK", "text/html", "Content-Security-Policy: default-src 'none'"]),
        ("GET /page.js HTTP/1.1", ["200 OK", "text/javascript", "nosniff"]),
        ("GET /words.js HTTP/1.1", ["200 OK", "text/javascript", "已连接"]),
        ("GET /style.css HTTP/1.1", ["200 OK", "text/css", "nosniff"]),
        ("GET /icon.svg HTTP/1.1", ["200 OK", "image/svg+xml", "nosniff"]),
        ("GET /secret HTTP/1.1", ["404 ", "", ""]),
        ("POST / HTTP/1.1", ["405 ", "Allow: GET", ""]),
    ] {
        let mut stream = TcpStream::connect(server.address()).await.expect("it listens");
        let request = format!("{request}\r\nHost: {}\r\n\r\n", server.address());
        stream.write_all(request.as_bytes()).await.expect("it reads");
        let mut answer = String::new();
        soon(stream.read_to_string(&mut answer)).await.expect("it answers in text");
        assert!(parts.iter().all(|part| answer.contains(part)), "{request}: {answer}");
    }
    connect(&server.url).await;
}
