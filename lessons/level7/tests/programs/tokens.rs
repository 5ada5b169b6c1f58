//! Who is it?

use std::time::{Duration, Instant};

use futures_util::SinkExt;
use support::{
    client::{connect, next_chunk, next_close},
    deadline::soon,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::Role},
};

use crate::{Folder, READER, WRITER, address, handshake, metric, server, server_with_tokens};

#[tokio::test]
async fn a_token_in_the_handshake_is_right_or_refused_with_401() {
    let folder = Folder::new();
    let server = server_with_tokens(&folder, &[]).await;
    for (value, due) in [
        (format!("Bearer {READER}"), 101),
        (format!("bearer {WRITER}"), 101),
        (format!("Bearer {READER}x"), 401),
        ("Bearer".into(), 401),
        (READER.into(), 401),
        // Another scheme is none of ours: whoever has it has shown no token as yet.
        (format!("Basic {READER}"), 101),
    ] {
        let header = format!("Authorization: {value}\r\n");
        let (status, answer, _) = handshake(address(&server), &header).await;
        assert_eq!(status, due, "{value}");
        assert_eq!(answer.contains("WWW-Authenticate: Bearer"), due == 401, "{answer}");
    }
    // A proxy in front may have looked at the other one.
    let two = format!("Authorization: Bearer {READER}\r\nAuthorization: Bearer {WRITER}\r\n");
    assert_eq!(handshake(address(&server), &two).await.0, 401);
}

#[tokio::test]
async fn without_a_login_in_time_the_connection_is_closed_with_4401() {
    let folder = Folder::new();
    let server = server_with_tokens(&folder, &["--login", "2"]).await;
    let start = Instant::now();
    let mut client = connect(&server.url).await;
    assert_eq!(next_close(&mut client).await, (4401, "no login in time".into()));
    assert!(start.elapsed() >= Duration::from_secs(2));
    // One that logs in may be silent for as long as it likes.
    let mut client = connect(&server.url).await;
    let login = format!(r#"{{"type":"login","token":"{READER}"}}"#);
    client.send(Message::text(login)).await.expect("the server reads");
    tokio::time::sleep(Duration::from_millis(2500)).await;
    client.send(Message::text(r#"{"type":"subscribe"}"#)).await.expect("the server reads");
    assert!(next_chunk(&mut client).await.starts_with(r#"{"type":"hello""#));
}

#[tokio::test]
async fn a_wrong_login_is_closed_with_4401() {
    let folder = Folder::new();
    let server = server_with_tokens(&folder, &[]).await;
    let mut client = connect(&server.url).await;
    let login = Message::text(r#"{"type":"login","token":"the-token-of-nobody"}"#);
    client.send(login).await.expect("the server reads");
    let (code, reason) = next_close(&mut client).await;
    assert_eq!((code, &*reason), (4401, "this token is none of this server's"));
}

#[tokio::test]
async fn a_reader_of_level_6_needs_nothing_new() {
    let server = server(&[]).await;
    let read =
        support::process::run("live_client", &[&server.url, "--publish"], "one\ntwo\n").await;
    assert_eq!(read.stdout, "kept as line 1\nkept as line 2\n");
    let mut client = connect(&server.url).await;
    client.send(Message::text(r#"{"type":"subscribe","tail":1}"#)).await.expect("it reads");
    let events = [next_chunk(&mut client).await, next_chunk(&mut client).await];
    let event = |text: &str| serde_json::from_str::<level6::Event>(text).expect("an event");
    assert!(matches!(event(&events[0]), level6::Event::Hello { last: 2, .. }), "{events:?}");
    assert!(matches!(event(&events[1]), level6::Event::Line { seq: 2, .. }), "{events:?}");
}

/// A proxy in front that asks for a password passes it on, and a browser can say nothing else there.
#[tokio::test]
async fn a_password_for_a_proxy_in_front_is_not_taken_for_a_wrong_token() {
    let folder = Folder::new();
    let basic = "Authorization: Basic dXNlcjpwYXNzd29yZA==\r\n";
    for (server, role) in [
        (server(&[]).await, "writer"),
        (server(&["--writer-token-file", &folder.file("w", WRITER)]).await, "reader"),
        (server_with_tokens(&folder, &[]).await, "nobody"),
    ] {
        let (status, _, stream) = handshake(address(&server), basic).await;
        assert_eq!(status, 101, "{role}");
        let mut client = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
        let line = Message::text(r#"{"type":"publish","id":"1","text":"x"}"#);
        client.send(line).await.expect("the server reads");
        if role == "nobody" {
            assert_eq!(soon(next_close(&mut client)).await, (4401, "log in first".into()));
            continue;
        }
        let answer = next_chunk(&mut client).await;
        assert_eq!(answer.contains("published"), role == "writer", "{answer}");
    }
}

/// In the handshake and in the first message together, and until the minute is over not even a right
/// one is looked at: else guessing would go on. Whoever needs none is not concerned.
#[tokio::test]
async fn after_too_many_wrong_tokens_from_one_address_none_is_looked_at() {
    let folder = Folder::new();
    let writer = folder.file("writer", WRITER);
    let server = server(&["--writer-token-file", &writer, "--wrong-tokens", "4"]).await;
    let address = address(&server);
    let in_header =
        async |token: &str| handshake(address, &format!("Authorization: Bearer {token}\r\n")).await;
    let in_message = async |token: &str| {
        let mut client = connect(&server.url).await;
        let login = format!(r#"{{"type":"login","token":"{token}"}}"#);
        client.send(Message::text(login)).await.expect("the server reads");
        soon(next_close(&mut client)).await.0
    };
    for _ in 0..2 {
        assert_eq!(in_header(WRITER).await.0, 101);
        assert_eq!(in_header("a-wrong-token").await.0, 401);
        assert_eq!(in_message("a-wrong-token").await, 4401);
    }
    let (status, answer, _) = in_header(WRITER).await;
    assert_eq!((status, answer.contains("\r\nRetry-After: 60\r\n")), (429, true), "{answer}");
    assert_eq!(in_message(WRITER).await, 1013);
    assert_eq!(handshake(address, "").await.0, 101);
    assert_eq!(metric(address, "refused_token_total").await, 4);
    assert_eq!(metric(address, "refused_guesses_total").await, 2);
}
