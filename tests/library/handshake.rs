//! The handshake: who gets a WebSocket, and what all others get for an answer.

use std::time::Duration;

use anyhow::Result;
use futures_util::{SinkExt, StreamExt};
use support::raw_frame::{FIN, TEXT, raw_frame};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    time::{Instant, sleep, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest, protocol::Role},
};
use tokio_util::sync::CancellationToken;
use websocket_streaming::{Ending, Handler, Page, WebSocket, next_text, serve_connection};

/// In virtual time nothing takes any.
const HOUR: Duration = Duration::from_secs(3600);

const GET: &str = "GET / HTTP/1.1\r\nHost: 127.0.0.1:8765\r\n";
const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

async fn echo(socket: &mut WebSocket) -> Result<()> {
    while let Some(text) = next_text(socket).await? {
        socket.send(Message::text(text)).await?;
    }
    Ok(())
}

/// A client's end of a connection to an echo.
fn connection() -> (DuplexStream, tokio::task::JoinHandle<Ending>) {
    let (near, far) = duplex(64 * 1024);
    let server = serve_connection(far, &echo, CancellationToken::new());
    (near, tokio::spawn(server))
}

/// Sends `request`, and returns the whole answer, and how the server saw it.
async fn answer(request: &[u8]) -> (String, Ending) {
    let (mut client, server) = connection();
    client.write_all(request).await.expect("the server reads");
    let mut answer = Vec::new();
    let reading = timeout(HOUR, client.read_to_end(&mut answer)).await;
    reading.expect("an end").expect("no error");
    drop(client);
    let answer = String::from_utf8(answer).expect("HTTP is text");
    (answer, server.await.expect("no panic"))
}

async fn assert_refused(request: impl AsRef<[u8]>, parts: &[&str]) {
    let request = request.as_ref();
    let shown = String::from_utf8_lossy(&request[..request.len().min(200)]).into_owned();
    let (answer, ending) = answer(request).await;
    for part in parts {
        assert!(answer.contains(part), "{part:?} is not in the answer to {shown}: {answer}");
    }
    let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP response");
    assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())), "{answer}");
    assert!(head.contains("close"), "{answer}");
    assert!(matches!(ending, Ending::NoHandshake(_)), "{ending:?}");
}

#[tokio::test(start_paused = true)]
async fn a_browser_that_asks_for_a_page_is_told_what_this_is() {
    for path in ["/", "/favicon.ico", "/a?b=c"] {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n");
        let parts = ["HTTP/1.1 426 ", "Upgrade: websocket\r\n", "This is a WebSocket server"];
        assert_refused(request, &parts).await;
    }
    // What curl --http2 asks for is no WebSocket either.
    assert_refused(format!("{GET}Upgrade: h2c\r\n\r\n"), &["HTTP/1.1 426 "]).await;
}

#[tokio::test(start_paused = true)]
async fn every_request_gets_an_answer() {
    let post = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello";
    assert_refused(post, &["HTTP/1.1 405 ", "Allow: GET, HEAD\r\n"]).await;
    assert_refused("EHLO localhost\r\n", &["HTTP/1.1 400 "]).await;
    assert_refused(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", &["HTTP/1.1 400 "]).await;
    let many = format!("{GET}{}", "X: x\r\n".repeat(1000));
    assert_refused(many, &["HTTP/1.1 400 "]).await;
    let long = format!("{GET}X: {}", "x".repeat(20_000));
    assert_refused(long, &["HTTP/1.1 431 "]).await;
    let wrong_key = format!("{GET}{UPGRADE}").replace("dGhl", "!!!!");
    assert_refused(wrong_key, &["HTTP/1.1 400 "]).await;
    let old = format!("{GET}{UPGRADE}").replace("Version: 13", "Version: 8");
    assert_refused(old, &["HTTP/1.1 426 ", "Sec-WebSocket-Version: 13\r\n"]).await;
}

/// Without the body, but with its length, byte by byte too; and it never opens a WebSocket.
#[tokio::test(start_paused = true)]
async fn head_is_answered_as_get_is_without_the_body() {
    for (head, due) in [
        ("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_string(), "HTTP/1.1 200 OK\r\n"),
        ("HEAD /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n".into(), "HTTP/1.1 404 Not Found\r\n"),
        (format!("{GET}{UPGRADE}").replace("GET", "HEAD"), "HTTP/1.1 200 OK\r\n"),
    ] {
        let get = answer_of_pages(&head.replace("HEAD", "GET").replace("websocket", "h2c")).await;
        let (get, body) = get.split_once("\r\n\r\n").expect("a head and a body");
        assert!(get.starts_with(due) && !body.is_empty(), "{get}");
        assert_eq!(answer_of_pages(&head).await, format!("{get}\r\n\r\n"));
    }
    assert_refused("HEADER / HTTP/1.1\r\n\r\n", &["HTTP/1.1 405 "]).await;
}

#[tokio::test(start_paused = true)]
async fn the_pages_of_this_machine_may_connect_and_no_others() {
    let host = "127.0.0.1:8765";
    for (origin, host, welcome) in [
        ("http://localhost:3000", host, true),
        ("http://LOCALHOST", host, true),
        ("https://127.0.0.1:8443", host, true),
        ("http://[::1]:3000", host, true),
        ("null", host, true),
        ("http://192.168.1.5:3000", "192.168.1.5:8765", true),
        ("http://192.168.1.5:3000", host, false),
        ("https://evil.example", host, false),
        // Its owner has pointed the name at us.
        ("http://evil.example:8765", "evil.example:8765", false),
        ("http://localhost.evil.example", host, false),
        ("http://127.0.0.1.evil.example", host, false),
        ("http://evil.example/127.0.0.1", host, false),
        ("http://localhost@evil.example", host, false),
        ("http://localhost:secret@evil.example", host, false),
        ("http://127.0.0.1:1@evil.example", host, false),
        ("http://[::1].evil.example", host, false),
        ("http://localhost\r\nOrigin: https://evil.example", host, false),
        ("https://evil.example\r\nOrigin: http://localhost", host, false),
        ("localhost", host, false),
        ("", host, false),
    ] {
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\n{UPGRADE}");
        if welcome {
            let (mut client, _server) = connection();
            client.write_all(request.as_bytes()).await.expect("the server reads");
            let mut status = [0; 12];
            client.read_exact(&mut status).await.expect("an answer");
            assert_eq!(&status, b"HTTP/1.1 101", "{origin}");
        } else {
            assert_refused(request, &["HTTP/1.1 403 ", "Pages of other sites"]).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_program_needs_no_origin_and_may_ask_for_any_path() -> Result<()> {
    let (client, _server) = connection();
    let request = "ws://memory/some/path?and=query".into_client_request()?;
    let (mut socket, _response) = client_async(request, client).await?;
    socket.send(Message::text("hello")).await?;
    assert_eq!(socket.next().await.expect("an echo")?, Message::text("hello"));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_request_may_come_byte_by_byte_and_the_first_frame_along_with_it() -> Result<()> {
    let (mut client, _server) = connection();
    let request = format!("{GET}{UPGRADE}");
    for byte in request.as_bytes() {
        client.write_all(&[*byte]).await?;
        sleep(Duration::from_millis(1)).await;
    }
    read_head(&mut client).await?;

    let (mut client, _server) = connection();
    // "Hi" in a masked text frame, with a mask of zeros.
    let frame = [0x81, 0x82, 0, 0, 0, 0, b'H', b'i'];
    client.write_all(&[request.as_bytes(), &frame].concat()).await?;
    read_head(&mut client).await?;
    let mut socket = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
    assert_eq!(socket.next().await.expect("an echo")?, Message::text("Hi"));
    Ok(())
}

async fn read_head(client: &mut DuplexStream) -> Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    assert!(head.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&head));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn silence_half_a_request_and_a_slow_one_are_given_up_after_ten_seconds() -> Result<()> {
    for start in ["", "GET / HT", GET] {
        let (mut client, server) = connection();
        let begun = Instant::now();
        client.write_all(start.as_bytes()).await?;
        let mut nothing = Vec::new();
        timeout(HOUR, client.read_to_end(&mut nothing)).await??;
        assert_eq!((begun.elapsed().as_secs(), nothing.len()), (10, 0));
        assert!(matches!(server.await?, Ending::NoHandshake(_)));
    }
    // A byte a second is no way around the deadline.
    let (mut client, server) = connection();
    let begun = Instant::now();
    for byte in GET.bytes() {
        if client.write_all(&[byte]).await.is_err() {
            break;
        }
        sleep(Duration::from_secs(1)).await;
    }
    assert!(matches!(server.await?, Ending::NoHandshake(_)));
    assert_eq!(begun.elapsed().as_secs(), 11);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_message_over_the_handlers_own_limit_is_closed_with_1009() -> Result<()> {
    let (client, far) = duplex(1024 * 1024);
    tokio::spawn(async move {
        let handler = websocket_streaming::at_most(100, echo);
        serve_connection(far, &handler, CancellationToken::new()).await
    });
    let (mut socket, _response) = client_async("ws://memory/", client).await?;
    socket.send(Message::text("x".repeat(100))).await?;
    assert_eq!(socket.next().await.expect("an echo")?.len(), 100);
    socket.send(Message::text("x".repeat(101))).await?;
    let Message::Close(Some(frame)) = socket.next().await.expect("a close")? else {
        panic!("not a close")
    };
    assert_eq!(u16::from(frame.code), 1009);
    assert!(matches!(socket.next().await, None | Some(Err(Error::ConnectionClosed))));
    Ok(())
}

/// As much of the smallest messages as a connection takes in 125 reads.
#[tokio::test]
async fn a_client_that_floods_the_server_leaves_the_thread_to_others_in_between() -> Result<()> {
    async fn listen_only(socket: &mut WebSocket) -> Result<()> {
        while next_text(socket).await?.is_some() {}
        Ok(())
    }
    let (mut client, server) = duplex(1024 * 1024);
    client.write_all(format!("{GET}{UPGRADE}").as_bytes()).await?;
    client.write_all(&raw_frame(FIN | TEXT, true, b"").repeat(500 * 1024 / 6)).await?;
    let stop = CancellationToken::new();
    let server = tokio::spawn(async move { serve_connection(server, &listen_only, stop).await });
    client.shutdown().await?;
    let mut turns = 0;
    while !server.is_finished() {
        tokio::task::yield_now().await;
        turns += 1;
    }
    assert!(turns > 10, "all in {turns} turns");
    Ok(())
}

/// An echo that has a page.
struct WithPages;

impl Handler for WithPages {
    async fn handle(&self, socket: &mut WebSocket) -> Result<()> {
        echo(socket).await
    }

    fn pages(&self) -> &[Page] {
        const { &[Page { path: "/", content_type: "text/html", body: "<h1>Hello</h1>" }] }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_with_pages_hands_them_out_and_nothing_else() {
    for (request, parts) in [
        ("GET / HTTP/1.1", ["HTTP/1.1 200 ", "<h1>Hello</h1>", "-Security-Policy: default-src"]),
        ("GET /?a=b HTTP/1.1", ["HTTP/1.1 200 ", "<h1>Hello</h1>", "Content-Type: text/html\r\n"]),
        ("GET /favicon.ico HTTP/1.1", ["HTTP/1.1 404 ", "no such page", "close"]),
        ("GET //x/../ HTTP/1.1", ["HTTP/1.1 404 ", "no such page", "close"]),
        ("POST / HTTP/1.1", ["HTTP/1.1 405 ", "Allow: GET, HEAD\r\n", "close"]),
    ] {
        let (mut client, far) = duplex(64 * 1024);
        let server = serve_connection(far, &WithPages, CancellationToken::new());
        let request = format!("{request}\r\nHost: localhost\r\n\r\n");
        client.write_all(request.as_bytes()).await.expect("the server reads");
        let mut answer = String::new();
        let reading = async {
            client.read_to_string(&mut answer).await.expect("HTTP is text");
            drop(client);
        };
        let ((), ending) = tokio::join!(reading, server);
        for part in parts {
            assert!(answer.contains(part), "{part:?} is not in the answer to {request}: {answer}");
        }
        assert!(matches!(ending, Ending::NoHandshake(_)), "{ending:?}");
    }
}

/// What the server with pages answers, to a client that sends byte by byte.
async fn answer_of_pages(request: &str) -> String {
    let (mut client, far) = duplex(64 * 1024);
    let server =
        tokio::spawn(
            async move { serve_connection(far, &WithPages, CancellationToken::new()).await },
        );
    for byte in request.bytes() {
        client.write_all(&[byte]).await.expect("the server reads");
        tokio::task::yield_now().await;
    }
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.expect("HTTP is text");
    drop(client);
    server.await.expect("it does not panic");
    answer
}
