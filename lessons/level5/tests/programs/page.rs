//! The page, on the same port.

use support::{deadline::soon, process::Server};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// What a page asks for that wants a WebSocket; its origin comes behind it.
const UPGRADE: &str = "GET / HTTP/1.1\nHost: HOST\nConnection: Upgrade\nUpgrade: websocket\n\
    Sec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nOrigin: ";

/// Sends a request, and returns the whole answer.
async fn request(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).await.expect("it listens");
    let request = request.replace("HOST", server.address()).replace('\n', "\r\n");
    let asking = async {
        stream.write_all(request.as_bytes()).await.expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("HTTP is text");
        answer
    };
    soon(asking).await
}

#[tokio::test]
async fn the_page_is_served_on_the_same_port_and_nothing_else_is() {
    let mut server = super::start(&[]).await;
    assert_eq!(server.next_line().await, format!("The page: http://{}/", server.address()));
    for (path, content_type, part) in [
        ("/", "text/html", "<!doctype html>"),
        ("/?a=b", "text/html", "<!doctype html>"),
        ("/style.css", "text/css", ""),
        ("/page.js", "text/javascript", ""),
        ("/writer.js", "text/javascript", "writerInto"),
        ("/words.js", "text/javascript", "正在连接"),
        ("/icon.svg", "image/svg+xml", "<svg"),
    ] {
        let answer = request(&server, &format!("GET {path} HTTP/1.1\nHost: HOST\n\n")).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{path}: {answer}");
        assert!(answer.contains(&format!("Content-Type: {content_type}; charset=utf-8\r\n")));
        assert!(answer.contains("Content-Security-Policy: default-src 'none'; script-src 'self';"));
        assert!(answer.contains(part), "{path}: {answer}");
    }
    for path in ["/index.html", "/favicon.ico", "/../Cargo.toml", "/%2e%2e/Cargo.toml"] {
        let answer = request(&server, &format!("GET {path} HTTP/1.1\nHost: HOST\n\n")).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{path}: {answer}");
    }
    for method in ["POST", "PUT", "OPTIONS"] {
        let answer = request(&server, &format!("{method} / HTTP/1.1\nHost: HOST\n\n")).await;
        assert!(answer.starts_with("HTTP/1.1 405 "), "{method}: {answer}");
        assert!(answer.contains("Allow: GET, HEAD\r\n"), "{method}: {answer}");
    }
    let finished = server.stop().await;
    assert_eq!(finished.stderr, "");
}

#[test]
fn nothing_in_the_page_needs_what_the_policy_forbids() {
    let page = support::course::read("lessons/level5/page/index.html");
    for forbidden in ["style=", "<style", "onclick", "onload", "<img", "http://", "https://"] {
        assert!(!page.contains(forbidden), "{forbidden} in the page");
    }
    for script in page.split("<script").skip(1) {
        assert!(script.contains("src=") && script.contains("></script>"), "no code in the page");
    }
}

#[tokio::test]
async fn a_page_of_another_site_is_refused_and_the_log_says_why() {
    let server = Server::spawn(super::server(&[]).env("RUST_LOG", "debug")).await;
    let answer = request(&server, &format!("{UPGRADE}https://evil.example\n\n")).await;
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    let finished = server.stop().await;
    let line = "no handshake: from a foreign page: GET /, origin https://evil.example";
    assert!(finished.stderr.contains(line), "{}", finished.stderr);
}

#[tokio::test]
async fn a_page_that_hides_its_origin_may_ask_eliza_but_run_no_program() {
    let eliza = super::start(&[]).await;
    assert_eq!(status(&eliza, "null").await, "HTTP/1.1 101");
    let program = super::start(&["--command", "cat"]).await;
    assert_eq!(status(&program, "null").await, "HTTP/1.1 403");
    assert_eq!(status(&program, "http://localhost:3000").await, "HTTP/1.1 101");
}

/// How a page of this origin is answered that wants a WebSocket.
async fn status(server: &Server, origin: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).await.expect("the server listens");
    let request = format!("{UPGRADE}{origin}\n\n").replace("HOST", server.address());
    stream.write_all(request.replace('\n', "\r\n").as_bytes()).await.expect("it reads");
    let mut status = [0; 12];
    soon(stream.read_exact(&mut status)).await.expect("an answer");
    String::from_utf8_lossy(&status).into_owned()
}
