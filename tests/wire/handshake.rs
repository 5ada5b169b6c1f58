//! The opening handshake (RFC 6455, section 4).

use support::{assert_snapshot, deadline::soon};
use tokio::io::duplex;
use tokio_tungstenite::{
    accept_async, client_async,
    tungstenite::{client::IntoClientRequest, http::HeaderValue},
};

use crate::tap::Tap;

/// The key of the RFC's own example (section 1.3). A real client takes 16 random bytes.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

#[tokio::test(start_paused = true)]
async fn the_handshake_is_one_http_request_and_one_answer() {
    let (client_end, server_end) = duplex(1024);
    let (client_end, gauge) = Tap::new(client_end);
    let mut request = "ws://127.0.0.1:8765".into_client_request().expect("it is a URL");
    request.headers_mut().insert("Sec-WebSocket-Key", HeaderValue::from_static(KEY));

    let both = async { tokio::join!(client_async(request, client_end), accept_async(server_end)) };
    let (client, server) = soon(both).await;
    client.expect("the client agrees");
    server.expect("the server agrees");

    let passed = gauge.read();
    let shown = format!(
        "client ({} bytes)\n{}\nserver ({} bytes)\n{}",
        passed.sent.len(),
        lines(&passed.sent),
        passed.received.len(),
        lines(&passed.received)
    );
    assert_snapshot("wire_handshake", &shown);
}

/// One line a line, with its `\r\n` to be seen.
pub fn lines(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).expect("heads are text");
    text.split_inclusive("\r\n").fold(String::new(), |shown, line| {
        shown + "  " + &line.replace('\r', "\\r").replace('\n', "\\n") + "\n"
    })
}
