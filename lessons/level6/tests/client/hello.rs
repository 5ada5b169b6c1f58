//! Servers that say no hello.

use std::time::Duration;

use level6::HELLO_DEADLINE;
use websocket_streaming::CLOSE_DEADLINE;

use crate::{Found, follow, log_of};

/// As the server of another lesson may do: it waits for something else, or gives back what it gets.
#[tokio::test(start_paused = true)]
async fn a_server_that_says_no_hello_is_no_server_of_logs() {
    assert_eq!(HELLO_DEADLINE, Duration::from_secs(10), "a sentence says so");
    let echo = r#"{"type":"subscribe","tail":10}"#;
    for (found, closing) in
        [(Found::Says(echo), Duration::ZERO), (Found::Bytes(&[]), CLOSE_DEADLINE)]
    {
        let transcript = follow(vec![found], false, 10).await.0;
        let ms = (HELLO_DEADLINE + closing).as_millis();
        let reason = "this is no server of logs: it has said no hello within 10 s; give the URL";
        let due = format!("     0 ms  Connected\n{ms:>6} ms  gives up: {reason}");
        assert!(transcript.starts_with(&due), "{transcript}");
    }
}

/// A server of logs that has too much to do just now.
#[tokio::test(start_paused = true)]
async fn where_there_has_been_a_log_the_client_tries_again() {
    let log = log_of("a", 10, 1);
    let found = vec![Found::Log(log.clone(), 100), Found::Bytes(&[]), Found::Log(log, 100)];
    let transcript = follow(found, false, 1).await.0;
    let reason = "Waiting(\"the server has said no hello for 10 s\", ";
    assert_eq!(transcript.matches(reason).count(), 1, "{transcript}");
    assert_eq!(transcript.matches("Connected").count(), 3, "{transcript}");
}
