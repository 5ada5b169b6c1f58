//! The two ends do not meet: a port that is taken, a server that is not there, a wrong URL.

use std::net::SocketAddr;

use support::{
    course::{LEVEL1, clients},
    process::{Running, command, run},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket},
};

use super::{all_servers, for_each, only_complaint};

#[tokio::test]
async fn a_server_whose_port_is_taken_says_so_in_one_line() {
    let holder = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = holder.local_addr().unwrap().to_string();
    for_each(&all_servers(), async |server| {
        for backtrace in ["0", "1"] {
            let mut command = command(server, &[&address]);
            let finished = Running::start(command.env("RUST_BACKTRACE", backtrace)).finished();
            let finished = finished.await;
            let line = only_complaint(&finished);
            assert!(line.contains(&format!("cannot listen on {address}: ")), "{line}");
            let advice = if server == LEVEL1 { "is another server running" } else { "choose" };
            assert!(line.contains(advice), "{line}");
            assert_eq!(finished.stdout, "");
        }
    })
    .await;
}

#[tokio::test]
async fn a_client_that_finds_no_server_names_the_command_that_starts_it() {
    // A port that is bound, so that nobody else takes it, but on which nobody listens.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let url = format!("ws://{}", socket.local_addr().unwrap());
    for_each(&clients(), async |(client, server)| {
        for backtrace in ["0", "1"] {
            let mut command = command(client, &[&url]);
            let finished = Running::start(command.env("RUST_BACKTRACE", backtrace)).finished();
            let finished = finished.await;
            let line = only_complaint(&finished);
            assert!(line.contains(&format!("cannot reach {url}: ")), "{line}");
            assert!(line.ends_with(&format!("cargo run --bin {server}")), "{line}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_client_with_a_wrong_url_says_so_in_one_line() {
    let web = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = web.local_addr().unwrap();
    let web_server = tokio::spawn(serve_http(web));
    let urls = [
        format!("ws://{address}"),
        format!("wss://{address}"),
        format!("http://{address}"),
        "ws://".to_string(),
        "ws://[nonsense".to_string(),
        "ws://no.such.host.invalid:80".to_string(),
        "ws://127.0.0.1:99999".to_string(),
    ];
    for_each(&clients(), async |(client, _server)| {
        for url in &urls {
            let finished = run(client, &[url], "").await;
            let line = only_complaint(&finished);
            assert!(line.contains(url), "{line}");
            // Not "connection refused", which would send the reader looking for a server.
            assert!(!url.starts_with("wss") || line.contains("TLS"), "{line}");
        }
    })
    .await;
    web_server.abort();
}

/// An ordinary web server: it answers everybody, but not with a WebSocket handshake.
async fn serve_http(listener: TcpListener) {
    while let Ok((mut stream, _peer)) = listener.accept().await {
        tokio::spawn(async move {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
                    return;
                }
            }
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
        });
    }
}
