//! Answering in HTTP, to those who get no WebSocket.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncWriteExt, copy, sink},
    time::timeout,
};
use tokio_tungstenite::tungstenite::http::StatusCode;

use crate::ByteStream;

/// How long a client that was refused may take to read why.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Writes an HTTP response to `stream`, and ends the connection.
pub(crate) async fn answer(
    stream: impl ByteStream,
    status: StatusCode,
    headers: &[(&str, &str)],
    body: &str,
) {
    say(stream, head(status, headers, body) + body).await;
}

/// As [`answer`], without the body; its length is still said (RFC 9110, section 9.3.2).
pub(crate) async fn answer_head(
    stream: impl ByteStream,
    status: StatusCode,
    headers: &[(&str, &str)],
    body: &str,
) {
    say(stream, head(status, headers, body)).await;
}

fn head(status: StatusCode, headers: &[(&str, &str)], body: &str) -> String {
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        head += "Content-Type: text/plain; charset=utf-8\r\n";
    }
    head += if status == StatusCode::UPGRADE_REQUIRED {
        "Connection: upgrade, close\r\n\r\n"
    } else {
        "Connection: close\r\n\r\n"
    };
    head
}

async fn say(mut stream: impl ByteStream, response: String) {
    let last_words = async {
        stream.write_all(response.as_bytes()).await?;
        stream.shutdown().await?;
        // With unread input left, the kernel would reset the connection and lose the answer.
        copy(&mut stream, &mut sink()).await?;
        io::Result::Ok(())
    };
    // Whether the client has read it or left is its own affair.
    let _ = timeout(LAST_WORDS, last_words).await;
}
