//! Whose page asks?

use crate::{address, get, handshake, metric, server};

#[tokio::test]
async fn a_page_of_any_other_origin_is_refused_with_403() {
    let server = server(&[]).await;
    let address = address(&server);
    let port = address.rsplit(':').next().expect("a port");
    let origin = |origin: &str| format!("Origin: {origin}\r\n");
    for good in [String::new(), origin(&format!("http://localhost:{port}"))] {
        assert_eq!(handshake(address, &good).await.0, 101, "{good}");
    }
    let foreign = [
        origin("null"),
        origin(""),
        origin("https://evil.example"),
        origin("http://localhost"),
        origin("http://localhost:1"),
        origin(&format!("https://localhost:{port}")),
        origin(&format!("http://localhost:{port}")) + &origin("https://evil.example"),
    ];
    for bad in &foreign {
        assert_eq!(handshake(address, bad).await.0, 403, "{bad}");
    }
    assert_eq!(metric(address, "refused_origin_total").await, foreign.len() as u64);
    assert_eq!(metric(address, "accepted_total").await, 2);
}

#[tokio::test]
async fn with_origins_of_its_own_list_it_lets_in_no_others() {
    let server =
        server(&["--origin", "https://logs.example", "--origin", "http://a.example:81"]).await;
    let address = address(&server);
    for (origin, due) in [
        ("https://logs.example", 101),
        ("http://a.example:81", 101),
        ("http://logs.example", 403),
        ("https://logs.example:8443", 403),
        (&format!("http://{address}"), 403),
    ] {
        let answer = handshake(address, &format!("Origin: {origin}\r\n")).await;
        assert_eq!(answer.0, due, "{origin}");
    }
}

#[tokio::test]
async fn the_page_is_there_and_may_run_only_its_own_scripts() {
    let server = server(&[]).await;
    let page = get(address(&server), "/", "").await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert!(page.contains("Content-Security-Policy: default-src 'none'"), "{page}");
    assert!(get(address(&server), "/nothing", "").await.starts_with("HTTP/1.1 404"));
}
