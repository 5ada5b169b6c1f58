//! Level 1 has no library that explains its errors, so its two programs do it themselves.

use support::process::{Server, run};
use tokio::{io::AsyncWriteExt, net::TcpListener};

async fn complaint(program: &str, argument: &str) -> String {
    let finished = run(program, &[argument], "").await;
    assert_eq!(finished.status.code(), Some(1), "{finished:?}");
    finished.stderr
}

#[tokio::test]
async fn a_server_with_no_address_shows_one() {
    for argument in ["8765", "localhost", "127.0.0.1:99999"] {
        let complaint = complaint("level1_echo_server", argument).await;
        let advice = "; an address looks like 127.0.0.1:8765\n";
        assert!(complaint.ends_with(advice), "{complaint}");
    }
}

#[tokio::test]
async fn a_client_with_no_url_shows_one() {
    // Most of these find the server all the same. It is the handshake that they cannot begin.
    let server = Server::start("level1_echo_server").await;
    let address = server.url.trim_start_matches("ws://");
    let web_page = format!("http://{address}");
    for argument in [address, &web_page, "127.0.0.1:1", "8765", "ws://", "ws://[nonsense"] {
        let complaint = complaint("level1_echo_client", argument).await;
        assert!(complaint.ends_with("; a URL looks like ws://127.0.0.1:8765\n"), "{complaint}");
    }
}

#[tokio::test]
async fn a_client_that_meets_a_web_server_doubts_the_server_and_not_the_url() {
    let web = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("ws://{}", web.local_addr().expect("an address"));
    let answer = async {
        let (mut stream, _peer) = web.accept().await.expect("a client");
        let page = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(page).await.expect("the client reads");
        stream
    };
    let (_stream, complaint) = tokio::join!(answer, complaint("level1_echo_client", &url));
    assert!(complaint.ends_with("; is that a WebSocket server?\n"), "{complaint}");
}

#[tokio::test]
async fn broken_connections_are_reported_and_not_by_the_thousand() {
    use support::{client::dial, process::Server};
    use tokio::io::AsyncReadExt;

    let server = Server::start("level1_echo_server").await;
    let start = std::time::Instant::now();
    for _ in 0..500 {
        let mut stream = dial(&server.url).await;
        tokio::io::AsyncWriteExt::write_all(&mut stream, b"no HTTP\r\n\r\n").await.expect("sent");
        let _ = stream.read(&mut [0; 1]).await;
    }
    let most = 2 + start.elapsed().as_millis() / 100;
    let reports = server.stop().await.stderr.lines().count();
    assert!((1..=most as usize).contains(&reports), "{reports} reports, {most} at most");
}
