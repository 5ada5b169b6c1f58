//! The client in the terminal: what it prints, and with which status it ends.

use std::process::Stdio;

use futures_util::{SinkExt, StreamExt};
use support::{
    assert_snapshot,
    deadline::soon,
    process::{Finished, Running, Server, command, run},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    process::{Child, ChildStdin},
};
use tokio_tungstenite::{
    accept_async,
    tungstenite::{
        Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

use super::start;

const CLIENT: &str = "assistant_client";

#[tokio::test]
async fn one_question_gets_one_answer() {
    let server = start(&[]).await;
    let client = run(CLIENT, &["I am tired of polling", &server.url], "").await;
    assert!(client.status.success(), "{client:?}");
    assert_eq!(client.stderr, "");
    assert_snapshot("level5_client", &client.stdout);
    let (address, finished) = (server.address().to_string(), server.stop().await);
    assert_snapshot("level5_server", &finished.stdout.replace(&address, "127.0.0.1:8765"));
    assert_eq!(finished.stderr, "");
}

#[tokio::test]
async fn without_a_question_it_converses() {
    let server = start(&[]).await;
    let questions = "Hello\n\nMy program is slow\n我很累\nWell\n";
    let client = run(CLIENT, &[&server.url], questions).await;
    assert!(client.status.success(), "{client:?}");
    assert_snapshot("level5_client_conversation", &client.stdout);
}

#[tokio::test]
async fn a_line_that_is_no_utf8_is_a_question_like_others() {
    let server = start(&["--command", "cat"]).await;
    let mut client = command(CLIENT, &[&server.url]).spawn().expect("it starts");
    let mut stdin = client.stdin.take().expect("a pipe");
    stdin.write_all(b"caf\xe9\r\nafter it\n").await.expect("it reads");
    drop(stdin);
    let output = soon(client.wait_with_output()).await.expect("it ends");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "caf\u{fffd}\n\nafter it\n\n");
    assert!(output.status.success());
}

#[tokio::test]
async fn one_whose_answer_nobody_reads_does_not_panic() {
    let server = start(&[]).await;
    let mut client = command(CLIENT, &["Hello", &server.url]).spawn().expect("it starts");
    drop(client.stdout.take());
    let output = soon(client.wait_with_output()).await.expect("it ends");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success());
}

#[tokio::test]
async fn an_answer_that_fails_is_called_so_and_the_conversation_goes_on() {
    let server = start(&["--command", "read q; echo \"$q!\"; test \"$q\" = good"]).await;
    let client = run(CLIENT, &[&server.url], "bad\ngood\n").await;
    let failed = "bad!\n\n(failed: the program failed: exit status: 1)\ngood!\n\n";
    assert_eq!(client.stdout, failed);
    assert_eq!(client.status.code(), Some(1));

    let client = run(CLIENT, &["x".repeat(9000).as_str(), &server.url], "").await;
    assert_eq!(client.stdout, "\n(failed: the text is longer than 8192 bytes)\n");
    assert_eq!(client.status.code(), Some(1));
}

#[tokio::test]
async fn without_a_server_it_says_how_to_start_one() {
    let client = run(CLIENT, &["Hello", "ws://127.0.0.1:1"], "").await;
    let advice = "start its server first: cargo run --bin assistant_server -p level5\n";
    assert!(client.stderr.ends_with(advice), "{}", client.stderr);
    assert_eq!(client.status.code(), Some(1));
}

#[tokio::test]
async fn a_question_without_its_quotes_is_not_asked_in_part() {
    let client = run(CLIENT, &["Hello", "world"], "").await;
    assert!(client.stderr.contains("stands in quotes"), "{}", client.stderr);
    assert_eq!(client.status.code(), Some(2));
}

#[cfg(unix)]
#[tokio::test]
async fn control_characters_in_an_answer_are_shown_and_not_obeyed() {
    let server = start(&["--command", r"printf '\033[2Jtwo\nlines\r'"]).await;
    let client = run(CLIENT, &["?", &server.url], "").await;
    assert_eq!(client.stdout, "\\u{1b}[2Jtwo\nlines\\r\n");
}

#[cfg(unix)]
#[tokio::test]
async fn a_server_that_is_stopped_or_killed_cuts_the_answer_off() {
    for polite in [true, false] {
        let mut server = start(&["--command", "echo begun; sleep 1000"]).await;
        let mut client = Running::start(&mut command(CLIENT, &["?", &server.url]));
        client.has_printed("begun\n").await;
        if polite {
            server.signal("TERM")
        } else {
            server.kill().await
        }
        let client = client.finished().await;
        let reason = if polite { "the server is shutting down (1001))\n" } else { "" };
        let cut_off = format!("begun\n\n(cut off: {reason}");
        assert!(client.stdout.starts_with(&cut_off), "{client:?}");
        assert_eq!(client.status.code(), Some(1));
    }
}

/// A client in a conversation: its input is ours, and so are its signals.
#[cfg(unix)]
struct Talking {
    child: Child,
    input: ChildStdin,
    printed: String,
}

#[cfg(unix)]
impl Talking {
    fn with(server: &Server) -> Talking {
        let mut child = command(CLIENT, &[&server.url]).spawn().expect("the binary is built");
        let input = child.stdin.take().expect("stdin is piped");
        Talking { child, input, printed: String::new() }
    }

    async fn say(&mut self, line: &str) {
        self.input.write_all(line.as_bytes()).await.expect("it reads");
    }

    /// Waits until it has printed exactly this.
    async fn has_printed(&mut self, due: &str) {
        let stdout = self.child.stdout.as_mut().expect("stdout is piped");
        while self.printed.len() < due.len() {
            let mut buffer = [0; 1024];
            let count = soon(stdout.read(&mut buffer)).await.expect("it can be read");
            assert!(count > 0, "it has ended: {:?}", self.printed);
            self.printed += std::str::from_utf8(&buffer[..count]).expect("UTF-8");
        }
        assert_eq!(self.printed, due);
    }

    fn interrupt(&self) {
        interrupt(&self.child);
    }

    /// Waits until it ends by itself, though its input is still open.
    async fn finished(mut self) -> Finished {
        let Talking { child, input, .. } = &mut self;
        let _ = input;
        soon(child.wait()).await.expect("it can be waited for");
        let output = self.child.wait_with_output().await.expect("it has ended");
        Finished {
            stdout: self.printed + &String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
            status: output.status,
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_stops_the_answer_and_between_answers_it_leaves() {
    let mut server = start(&["--command", "read q; echo \"$q!\"; sleep $q"]).await;
    server.next_line().await;
    let mut client = Talking::with(&server);
    client.say("1000\n").await;
    client.has_printed("1000!\n").await;
    client.interrupt();
    client.has_printed("1000!\n\n(stopped)\n").await;
    client.say("0\n").await;
    client.has_printed("1000!\n\n(stopped)\n0!\n\n").await;
    client.interrupt();
    let client = client.finished().await;
    assert!(client.status.success(), "what was stopped has not failed: {client:?}");
    assert_eq!(client.stderr, "");
    for line in ["q1 asks: 1000", "q1 is cancelled", "q2 asks: 0", "q2 is completed"] {
        assert_eq!(server.next_line().await, line);
    }
}

#[cfg(unix)]
fn interrupt(client: &Child) {
    let pid = client.id().expect("it runs").to_string();
    let status = std::process::Command::new("kill").args(["-INT", &pid]).status();
    assert!(status.expect("there is a `kill` on every Unix").success());
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_ends_it_while_it_waits_for_the_handshake() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let url = format!("ws://{}", listener.local_addr().expect("it is bound"));
    let mut client = command(CLIENT, &["Hello", &url]).spawn().expect("it starts");
    let (_silent, _peer) = soon(listener.accept()).await.expect("it connects");
    interrupt(&client);
    // By itself it gives up after 10 s.
    let ended = tokio::time::timeout(support::deadline::ON_TIME, client.wait()).await;
    ended.expect("it ends at once").expect("it has a status");
}

#[cfg(unix)]
#[tokio::test]
async fn a_second_ctrl_c_does_not_wait_for_the_end() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let url = format!("ws://{}", listener.local_addr().expect("it is bound"));
    let client = command(CLIENT, &["Hello", &url]).spawn().expect("the binary is built");
    let serving = async {
        let (stream, _peer) = listener.accept().await.expect("the client connects");
        let mut socket = accept_async(stream).await.expect("a handshake");
        let mut heard = Vec::new();
        while let Some(Ok(message)) = socket.next().await {
            // A server that hears the cancel, and never comes to an end.
            if message.is_text() {
                interrupt(&client);
            }
            heard.push(message);
        }
        heard
    };
    let heard = soon(serving).await;
    let ask = Message::text(r#"{"type":"ask","id":"q1","text":"Hello"}"#);
    let cancel = Message::text(r#"{"type":"cancel","id":"q1"}"#);
    let goodbye = Message::Close(Some(CloseFrame { code: CloseCode::Normal, reason: "".into() }));
    assert_eq!(heard, [ask, cancel, goodbye]);
    let output = soon(client.wait_with_output()).await.expect("it ends");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "\n(stopped)\n");
    assert!(output.status.success(), "{output:?}");
}

/// A server of our own, which says only what it is told, and hears everything.
async fn with_server(
    arguments: &[&str],
    says: &[&str],
    how: Option<CloseCode>,
) -> (Finished, Vec<Message>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let url = format!("ws://{}", listener.local_addr().expect("it is bound"));
    let mut client = command(CLIENT, &[arguments, &[url.as_str()]].concat());
    let client = Running::start(client.stdin(Stdio::null()));
    let serving = async {
        let (stream, _peer) = listener.accept().await.expect("the client connects");
        let mut socket = accept_async(stream).await.expect("a handshake");
        let mut heard = vec![socket.next().await.expect("an ask").expect("no error")];
        for event in says {
            socket.send(Message::text(*event)).await.expect("the client reads");
        }
        if let Some(code) = how {
            let reason = "closing time".into();
            let _ = socket.close(Some(CloseFrame { code, reason })).await;
        }
        while let Some(Ok(message)) = socket.next().await {
            heard.push(message);
        }
        heard
    };
    let heard = soon(serving).await;
    (client.finished().await, heard)
}

#[tokio::test]
async fn what_the_client_does_not_know_it_ignores_and_its_goodbye_is_polite() {
    let says = [
        r#"{"type":"thought","id":"q1","text":"from a newer server"}"#,
        "no JSON",
        r#"{"type":"delta","id":"q7","seq":0,"text":"another's"}"#,
        r#"{"type":"done","id":"q7","status":"completed"}"#,
        r#"{"type":"delta","id":"q1","seq":0,"text":"Good ","more":1}"#,
        r#"{"type":"delta","id":"q1","seq":1,"text":"day"}"#,
        r#"{"type":"done","id":"q1","status":"completed","usage":{"tokens":2}}"#,
    ];
    let (client, heard) = with_server(&["Hello"], &says, None).await;
    assert_eq!(client.stdout, "Good day\n");
    assert!(client.status.success(), "{client:?}");
    let ask = Message::text(r#"{"type":"ask","id":"q1","text":"Hello"}"#);
    let goodbye = Message::Close(Some(CloseFrame { code: CloseCode::Normal, reason: "".into() }));
    assert_eq!(heard, [ask, goodbye]);
}

#[tokio::test]
async fn a_close_before_the_end_is_no_success_even_if_it_is_called_normal() {
    let says = [r#"{"type":"delta","id":"q1","seq":0,"text":"Good "}"#];
    for (how, code) in [(CloseCode::Normal, 1000), (CloseCode::Error, 1011)] {
        let (client, _heard) = with_server(&["Hello"], &says, Some(how)).await;
        assert_eq!(client.stdout, format!("Good \n(cut off: closing time ({code}))\n"));
        assert_eq!(client.status.code(), Some(1));
    }
}

#[tokio::test]
async fn what_a_server_says_of_a_failure_is_shown_and_not_obeyed() {
    let says = [r#"{"type":"done","id":"q1","status":"failed","reason":"\u001b[2J"}"#];
    let (client, _heard) = with_server(&["Hello"], &says, None).await;
    assert_eq!(client.stdout, "\n(failed: \\u{1b}[2J)\n");
    assert_eq!(client.status.code(), Some(1));
}
