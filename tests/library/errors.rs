//! Errors: what they say, what can be learnt from them, and whose they are.

use std::{error::Error, io};

use anyhow::Result;
use support::transcript::record;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket},
};
use tokio_tungstenite::tungstenite::{self, error::ProtocolError};
use websocket_streaming::{ConnectErrorKind, Ending, WebSocket, cli, connect, one_line, upstream};

#[tokio::test]
async fn connect_refuses_what_is_no_address_and_advises_only_where_it_helps() {
    for (url, text) in [
        ("ws://127.0.0.1:99999", "a port is a number up to 65535"),
        ("ws://127.0.0.1:876x", "a port is a number up to 65535"),
        ("ws://no-such-host.invalid:8765", "cannot reach ws://no-such-host.invalid:8765"),
        ("WSS://127.0.0.1", "wss:// needs TLS"),
    ] {
        let error = connect(url).await.expect_err("no server is there");
        let advice = cli::start_first("level1_echo_server")(error).to_string();
        assert!(advice.contains(text), "{advice}");
        assert!(!advice.contains("cargo run"), "{advice}");
    }
}

#[tokio::test]
async fn nobody_there_is_told_from_a_server_that_refuses() -> Result<()> {
    // Bound, so that nobody else takes the port, but not listening.
    let socket = TcpSocket::new_v4()?;
    socket.bind("127.0.0.1:0".parse()?)?;
    let error = connect(&format!("ws://{}", socket.local_addr()?)).await.expect_err("nobody");
    let ConnectErrorKind::Tcp(reason) = &error.kind else { panic!("{error:?}") };
    assert_eq!(reason.kind(), io::ErrorKind::ConnectionRefused);
    assert!(error.source().is_some_and(|source| source.is::<io::Error>()));
    assert_eq!(one_line(&error.into()).matches("efused").count(), 1, "said once");

    for status in [401, 403, 503] {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("ws://{}", listener.local_addr()?);
        let answer = format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n");
        tokio::spawn(async move {
            let (mut stream, _peer) = listener.accept().await?;
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                stream.read_buf(&mut request).await?;
            }
            stream.write_all(answer.as_bytes()).await
        });
        let error = connect(&url).await.expect_err("it refuses");
        let ConnectErrorKind::Refused(seen) = error.kind else { panic!("{error:?}") };
        assert_eq!(seen.as_u16(), status);
    }
    Ok(())
}

/// What a handler gets that reads from another server, which breaks the protocol.
fn broken_by_the_other_server() -> tungstenite::Error {
    ProtocolError::InvalidCloseSequence.into()
}

#[tokio::test(start_paused = true)]
async fn an_error_of_another_server_is_not_taken_for_the_clients() {
    async fn asks_and_forgets(_socket: &mut WebSocket) -> Result<()> {
        Err(broken_by_the_other_server().into())
    }
    async fn asks(_socket: &mut WebSocket) -> Result<()> {
        Err(upstream(broken_by_the_other_server()))
    }
    let recording = record(asks_and_forgets, &[]).await;
    assert!(recording.transcript.contains("close 1002"), "the trap: {}", recording.transcript);

    let recording = record(asks, &[]).await;
    assert_eq!(recording.transcript, "     0 ms  server  close 1011 \"the server failed\"\n");
    let Ending::Failed(error) = recording.ending else { panic!("{:?}", recording.ending) };
    assert_eq!(error.to_string(), "upstream: WebSocket protocol error: Invalid close sequence");
}

#[test]
fn a_cause_that_its_effect_has_quoted_is_not_repeated() {
    let pipe = tungstenite::Error::Io(io::Error::from_raw_os_error(32));
    let error = anyhow::Error::new(pipe).context("the conversation broke off");
    let line = one_line(&error);
    assert!(line.starts_with("the conversation broke off: "), "{line}");
    assert_eq!(line.matches("os error 32").count(), 1, "{line}");
}
