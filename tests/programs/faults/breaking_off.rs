//! Servers that die or are stopped in the midst of a stream.

use futures_util::SinkExt;
use support::process::{Running, Server, command};
use tokio::net::TcpListener;
use tokio_tungstenite::{
    accept_async,
    tungstenite::{Error, Message},
};

use super::{for_each, only_complaint};

#[cfg(unix)]
const ENDS: [&str; 2] = ["KILL", "TERM"];
#[cfg(not(unix))]
const ENDS: [&str; 1] = ["KILL"];

async fn end(server: &mut Server, how: &str) {
    match how {
        "KILL" => server.kill().await,
        #[cfg(unix)]
        signal => server.signal(signal),
        #[cfg(not(unix))]
        _ => unreachable!("there are no signals here"),
    }
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_called_incomplete() {
    tokio::join!(for_each(&ENDS, a_translation_breaks_off), for_each(&ENDS, a_poem_breaks_off));
}

async fn a_translation_breaks_off(how: &str) {
    let mut server = Server::start("level4_translate_server").await;
    let mut client = Running::start(&mut command("level4_translate_client", &[&server.url]));
    client.has_printed("\r你好 世界 ").await;
    end(&mut server, how).await;
    let finished = client.finished().await;
    let line = only_complaint(&finished);
    assert!(line.starts_with("Error: the translation is incomplete: "), "{line}");
    assert_eq!(line.ends_with("the server is shutting down (1001)"), how == "TERM", "{line}");
    assert!(finished.stdout.starts_with("Translating:\n\r你好 \r你好 世界 "), "{finished:?}");
    assert!(!finished.stdout.contains("complete"), "{finished:?}");
}

async fn a_poem_breaks_off(how: &str) {
    let mut server = Server::start("level2_stream_server").await;
    let mut client = Running::start(&mut command("level2_stream_client", &[&server.url]));
    client.has_printed("处处闻啼鸟。").await;
    end(&mut server, how).await;
    let finished = client.finished().await;
    let line = only_complaint(&finished);
    assert!(line.starts_with("Error: the stream is incomplete: "), "{line}");
    assert_eq!(line.ends_with("the server is shutting down (1001)"), how == "TERM", "{line}");
    let poem = "Receiving stream:\n春眠不觉晓，处处闻啼鸟。";
    assert!(finished.stdout.starts_with(poem), "{finished:?}");
    assert!(!finished.stdout.contains("花落知多少"), "{finished:?}");
}

#[tokio::test]
async fn a_translation_without_an_end_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("ws://{}", listener.local_addr().expect("it is bound"));
    let server = tokio::spawn(async move {
        let (stream, _peer) = listener.accept().await?;
        let mut socket = accept_async(stream).await?;
        let chunk = "word ".repeat(10_000);
        loop {
            socket.send(Message::text(chunk.as_str())).await?;
        }
        #[allow(unreachable_code)]
        Ok::<_, Error>(())
    });
    let mut client = Running::start(&mut command("level4_translate_client", &[&url]));
    client.has_printed("Translating:").await;
    let finished = client.finished().await;
    assert_eq!(finished.status.code(), Some(1));
    assert!(finished.stderr.contains("longer than 65536 bytes"), "{}", finished.stderr);
    server.abort();
}
