//! The programs as the reader runs them, and strangers: real processes, real sockets, real time.
#![cfg(unix)]

mod certificates;
mod goodbye;
mod half_open;
mod limits;
mod origins;
mod secrets;
mod terminals;
mod tokens;

use std::{
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use support::{
    deadline::soon,
    process::{Server, command},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const READER: &str = "the-token-of-readers";
const WRITER: &str = "the-token-of-writers";

/// A folder for a test's files, which goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("level7-{}-{}", std::process::id(), COUNT.fetch_add(1, Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }

    /// A file with this text; its path.
    fn file(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).expect("a file");
        self.path(name)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A server on a port that the system chose.
async fn server(arguments: &[&str]) -> Server {
    let arguments = [&["127.0.0.1:0"], arguments].concat();
    Server::spawn(command("live_server", &arguments).env("RUST_LOG", "debug")).await
}

/// One that knows both tokens.
async fn server_with_tokens(folder: &Folder, more: &[&str]) -> Server {
    let (reader, writer) = (folder.file("reader", READER), folder.file("writer", WRITER));
    let tokens = ["--reader-token-file", &reader, "--writer-token-file", &writer];
    server(&[&tokens, more].concat()).await
}

/// `127.0.0.1:PORT`, with TLS or without.
fn address(server: &Server) -> &str {
    server.url.split_once("://").expect("a URL").1
}

/// Sends these bytes; what comes until the end of the connection.
async fn ask(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    stream.write_all(request.as_bytes()).await.expect("the server reads");
    let mut answer = Vec::new();
    let _ = soon(stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// Asks for a page; the whole answer.
async fn get(address: &str, path: &str, headers: &str) -> String {
    ask(address, &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{headers}\r\n")).await
}

/// Begins a WebSocket with these headers; the first line of the answer, and all of it. Of a
/// WebSocket only the head is read.
async fn handshake(address: &str, headers: &str) -> (u16, String, TcpStream) {
    let request = format!(
        "GET / HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
    );
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    stream.write_all(request.as_bytes()).await.expect("the server reads");
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        match soon(stream.read_u8()).await {
            Ok(byte) => answer.push(byte),
            Err(_) => return (0, String::from_utf8_lossy(&answer).into_owned(), stream),
        }
    }
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap_or(0);
    (status, answer, stream)
}

/// A number that the server counts.
async fn metric(address: &str, name: &str) -> u64 {
    let metrics = get(address, "/metrics", "").await;
    let line = metrics.lines().find_map(|line| line.strip_prefix(&format!("live_{name} ")));
    line.and_then(|it| it.parse().ok()).unwrap_or_else(|| panic!("no {name} in {metrics}"))
}

/// Waits until the server has counted so many.
async fn until_metric(address: &str, name: &str, due: u64) {
    let counting = async {
        while metric(address, name).await != due {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    soon(counting).await;
}
