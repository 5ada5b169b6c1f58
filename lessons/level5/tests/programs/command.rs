//! Any program as the answerer.

use std::time::{Duration, Instant};

use level5::events::{Event, Status};
use support::{
    client::{connect, leave},
    deadline::{DEADLINE, ON_TIME, soon},
    process::Server,
};
use tokio::time::sleep;

use super::{answer, ask, cancel, failed, next_event, rest, start};

/// A number that is this test's own: programs that sleep for so long are easy to find.
fn unique() -> String {
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{}.{}", 10_000 + std::process::id() % 100_000, NEXT.fetch_add(1, SeqCst))
}

/// How many programs run with this argument.
fn running(argument: &str) -> usize {
    let processes = std::fs::read_dir("/proc").expect("Linux").flatten();
    let arguments = processes.filter_map(|it| std::fs::read(it.path().join("cmdline")).ok());
    let has = |arguments: &Vec<u8>| {
        arguments.split(|byte| *byte == 0).any(|it| it == argument.as_bytes())
    };
    arguments.filter(has).count()
}

async fn until_running(argument: &str, count: usize, deadline: Duration) {
    let start = Instant::now();
    while running(argument) != count {
        assert!(start.elapsed() < deadline, "{} programs, not {count}", running(argument));
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_program_reads_the_question_and_prints_the_answer() {
    let server = start(&["--command", "tr a-z A-Z"]).await;
    assert_eq!(answer(&server, "hello, 世界").await, ("HELLO, 世界\n".into(), Status::Completed));
    let finished = server.stop().await;
    assert_eq!(finished.stderr, "");
}

#[tokio::test]
async fn its_output_comes_as_it_is_written_and_no_character_is_cut() {
    // The three bytes of one character, with pauses.
    let script =
        r"printf '\344'; sleep 0.2; printf '\270'; sleep 0.2; printf '\226!'; printf '\360\237'";
    let server = start(&["--command", script]).await;
    let mut client = connect(&server.url).await;
    ask(&mut client, "q1", "?").await;
    let (pieces, status) = rest(&mut client).await;
    assert_eq!(pieces.concat(), "世!\u{fffd}", "{pieces:?}");
    assert_eq!(status, Status::Completed);
    leave(client).await;
}

#[tokio::test]
async fn its_status_becomes_the_answers() {
    let server = start(&["--command", "echo half; exit 3"]).await;
    let reason = failed("the program failed: exit status: 3");
    assert_eq!(answer(&server, "?").await, ("half\n".into(), reason));

    let server = start(&["--command", "kill -9 $$"]).await;
    let (_text, status) = answer(&server, "?").await;
    let Status::Failed { reason } = status else { panic!("{status:?}") };
    assert!(reason.starts_with("the program failed: signal: 9"), "{reason}");

    let server = start(&["--command", "there-is-no-such-program"]).await;
    let reason = failed("the program failed: exit status: 127");
    assert_eq!(answer(&server, "?").await, (String::new(), reason));
    let stderr = server.stop().await.stderr;
    assert!(
        stderr.contains("WARN   the program says: ") && stderr.contains("not found"),
        "{stderr}"
    );
}

#[tokio::test]
async fn one_that_complains_without_end_fills_no_log_and_keeps_nobody_waiting() {
    let server = start(&["--command", "yes >&2"]).await;
    let mut client = connect(&server.url).await;
    for id in ["q1", "q2", "q3"] {
        ask(&mut client, id, "?").await;
        sleep(Duration::from_millis(500)).await;
        let start = Instant::now();
        cancel(&mut client, id).await;
        assert_eq!(rest(&mut client).await.1, Status::Cancelled);
        assert!(start.elapsed() < ON_TIME, "{:?}", start.elapsed());
    }
    leave(client).await;
    let stderr = server.stop().await.stderr;
    assert_eq!(
        stderr.lines().count(),
        3 * 1001,
        "a thousand lines of each, and that there are more"
    );
}

#[tokio::test]
async fn one_that_never_reads_or_floods_its_standard_error_does_not_hang() {
    let long = "x".repeat(8 * 1024);
    let mut server = start(&["--command", "sleep 0.1; echo done"]).await;
    assert_eq!(answer(&server, &long).await, ("done\n".into(), Status::Completed));
    server.kill().await;
    let flood = "head -c 300000 /dev/zero | tr '\\0' e >&2; echo done";
    let server = start(&["--command", flood]).await;
    assert_eq!(answer(&server, &long).await, ("done\n".into(), Status::Completed));
}

#[tokio::test]
async fn a_cancel_kills_the_program_and_its_children() {
    let number = unique();
    let script = format!("(sleep {number} & sleep {number}); sleep {number}");
    let server = start(&["--command", &script]).await;
    let mut client = connect(&server.url).await;
    ask(&mut client, "q1", "?").await;
    until_running(&number, 2, DEADLINE).await;
    cancel(&mut client, "q1").await;
    let end = Event::Done { id: "q1".into(), status: Status::Cancelled };
    assert_eq!(next_event(&mut client).await, end);
    until_running(&number, 0, ON_TIME).await;
    leave(client).await;
}

#[tokio::test]
async fn children_that_a_program_leaves_behind_do_not_keep_the_answer_open() {
    let number = unique();
    let server = start(&["--command", &format!("echo hello; sleep {number} & exit 0")]).await;
    assert_eq!(soon(answer(&server, "?")).await, ("hello\n".into(), Status::Completed));
    until_running(&number, 0, ON_TIME).await;
}

#[tokio::test]
async fn a_client_that_vanishes_with_eight_answers_running_leaves_no_program_behind() {
    let number = unique();
    let server = start(&["--command", &format!("echo begun; sleep {number}")]).await;
    let mut client = connect(&server.url).await;
    for id in 0..8 {
        ask(&mut client, &id.to_string(), "?").await;
    }
    until_running(&number, 8, DEADLINE).await;
    drop(client);
    until_running(&number, 0, ON_TIME).await;
    assert_unharmed(server).await;
}

#[tokio::test]
async fn a_server_that_stops_kills_its_programs() {
    let number = unique();
    let server = start(&["--command", &format!("sleep {number}; echo")]).await;
    let mut client = connect(&server.url).await;
    ask(&mut client, "q1", "?").await;
    until_running(&number, 1, DEADLINE).await;
    let leaving = async move {
        let (code, _reason) = support::client::next_close(&mut client).await;
        assert_eq!(code, 1001);
        while let Some(Ok(_)) = support::client::next(&mut client).await {}
    };
    let ((), _finished) = tokio::join!(leaving, server.stop());
    until_running(&number, 0, ON_TIME).await;
}

#[tokio::test]
async fn an_endless_output_waits_for_the_client_and_pings_are_answered_meanwhile() {
    use futures_util::SinkExt;
    use tokio_tungstenite::tungstenite::Message;
    let server = start(&["--command", "yes 世界"]).await;
    let mut client = connect(&server.url).await;
    ask(&mut client, "q1", "?").await;
    for round in 0..20 {
        client.send(Message::Ping(vec![round].into())).await.expect("the server reads");
        loop {
            let message = support::client::next(&mut client).await.expect("it stays");
            if let Message::Pong(payload) = message.expect("no error") {
                assert_eq!(payload[..], [round]);
                break;
            }
        }
    }
    cancel(&mut client, "q1").await;
    let (_pieces, status) = rest(&mut client).await;
    assert_eq!(status, Status::Cancelled);
    leave(client).await;
    assert_unharmed(server).await;
}

async fn assert_unharmed(server: Server) {
    let finished = server.stop().await;
    assert_eq!(finished.stderr, "");
    assert!(finished.status.success(), "{finished:?}");
}

#[tokio::test]
async fn one_that_has_left_the_group_does_not_keep_the_answer_open() {
    let number = unique();
    let script = format!("setsid sh -c 'echo $$; sleep {number}' & sleep 0.2");
    let server = start(&["--command", &script]).await;
    let (pid, status) = soon(answer(&server, "?")).await;
    assert_eq!(status, Status::Completed);
    // It is out of reach, and so ours to end.
    let ended =
        std::process::Command::new("kill").args(["--", &format!("-{}", pid.trim())]).status();
    assert!(ended.expect("there is a `kill`").success());
    assert_unharmed(server).await;
}
