//! A token appears in no log, no metric and no error.

use futures_util::SinkExt;
use support::{
    client::{connect, read_all},
    process::{command, run},
};
use tokio_tungstenite::tungstenite::Message;

use crate::{Folder, READER, WRITER, address, get, handshake};

const WRONG: &str = "the-token-of-strangers";

/// In all places where one may be, and in those where it may be by mistake. Each log says all that
/// it ever says: even then the crates beneath show no frames and no headers.
#[tokio::test]
async fn a_token_appears_nowhere() {
    let folder = Folder::new();
    let (reader, writer) = (folder.file("reader", READER), folder.file("writer", WRITER));
    let wrong = folder.file("wrong", WRONG);
    let tokens = ["127.0.0.1:0", "--reader-token-file", &reader, "--writer-token-file", &writer];
    let mut command_line = command("live_server", &tokens);
    let server = support::process::Server::spawn(command_line.env("RUST_LOG", "trace")).await;
    let address = address(&server).to_string();
    let mut told = String::new();

    for token in [READER, WRITER, WRONG] {
        for header in [
            format!("Authorization: Bearer {token}\r\n"),
            format!("Authorization: {token}\r\n"),
            format!("Sec-WebSocket-Protocol: {token}\r\n"),
            format!("Cookie: token={token}\r\n"),
            format!("Origin: https://{token}\r\n"),
            format!("{token}\r\n"),
        ] {
            told += &handshake(&address, &header).await.1;
        }
        told += &get(&address, &format!("/?token={token}"), "").await;
        told += &get(&address, &format!("/{token}"), "").await;
        for said in [
            format!(r#"{{"type":"login","token":"{token}"}}"#),
            format!(r#"{{"type":"login","token":["{token}"]}}"#),
            format!(r#"{{"type":"{token}"}}"#),
            format!(r#"{{"type":"subscribe","after":"{token}"}}"#),
            token.to_string(),
        ] {
            let mut client = connect(&server.url).await;
            client.send(Message::text(said)).await.expect("the server reads");
            client.close(None).await.expect("it can be closed");
            told += &format!("{:?}", read_all(&mut client).await);
        }
    }
    for (file, more) in [(&reader, "--publish"), (&writer, "--publish"), (&wrong, "--once")] {
        let arguments = [&server.url, "--token-file", file, more];
        let mut client = command("live_client", &arguments);
        client.env("RUST_LOG", "trace").stdin(std::process::Stdio::null());
        let output = client.output().await.expect("it ends");
        told += &String::from_utf8_lossy(&output.stdout);
        told += &String::from_utf8_lossy(&output.stderr);
    }
    let plain = run("live_client", &["ws://192.0.2.1", "--token-file", &reader], "").await;
    assert!(
        plain.stderr.contains("a token over plain ws:// can be read on its way"),
        "{}",
        plain.stderr
    );
    told += &plain.stderr;
    told += &get(&address, "/metrics", "").await;
    let finished = server.stop().await;
    told += &finished.stdout;
    told += &finished.stderr;

    assert!(finished.stderr.contains("refused, a wrong token"), "the log was read");
    for token in [READER, WRITER, WRONG] {
        let place = told.lines().find(|line| line.contains(token));
        assert_eq!(place, None);
    }
}

/// Left out, it would look like no token, and the server's answer would be a riddle.
#[tokio::test]
async fn a_variable_that_holds_no_token_is_not_passed_over_in_silence() {
    use std::os::unix::ffi::OsStrExt;
    for value in [&b"the-token-of-\xff\xfe-readers"[..], b"", b"secret"] {
        let mut client = command("live_client", &["ws://127.0.0.1:1", "--once"]);
        client.env("LIVE_TOKEN", std::ffi::OsStr::from_bytes(value));
        let output = support::deadline::soon(client.output()).await.expect("it ends");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("the variable LIVE_TOKEN: a token"), "{said}");
        assert!(!said.contains("token-of") && !said.contains("secret"), "{said}");
    }
}
