//! Pages on the same port: what a server hands to a browser that asks for no WebSocket.

use tokio_tungstenite::tungstenite::http::StatusCode;

use crate::Handshake;

// ANCHOR: Page
/// A file that a server hands to a browser; see [`Handler::pages`](crate::Handler::pages).
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Where it is, such as `/` or `/page.js`.
    pub path: &'static str,
    /// What it is, such as `text/html; charset=utf-8`.
    pub content_type: &'static str,
    /// The file itself, most likely by `include_str!`.
    pub body: &'static str,
}

/// What a page may do: load its own scripts, styles and images, and speak with its own server. No
/// other site's, and nothing that stands in the page's own text. So even if a stranger's words were taken
/// for markup, the browser would run nothing of them.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
// ANCHOR_END: Page

/// Answers a request that is for no WebSocket: with a page, or 404 where there is none of this
/// path. A server without any pages answers 426, and says what it is.
pub async fn hand_out(handshake: Handshake, pages: &[Page]) {
    let path = handshake.request().uri().path();
    if pages.is_empty() {
        let headers = [("Upgrade", "websocket")];
        return handshake.refuse(StatusCode::UPGRADE_REQUIRED, &headers, NO_PAGES).await;
    }
    let Some(page) = pages.iter().find(|page| page.path == path) else {
        return handshake.refuse(StatusCode::NOT_FOUND, &[], "There is no such page.\n").await;
    };
    let headers = [
        ("Content-Type", page.content_type),
        ("Content-Security-Policy", POLICY),
        ("X-Content-Type-Options", "nosniff"),
        // A newer server has a newer page.
        ("Cache-Control", "no-cache"),
    ];
    handshake.refuse(StatusCode::OK, &headers, page.body).await;
}

/// What a browser shows that has come for a page.
const NO_PAGES: &str = "\
    This is a WebSocket server, and it has no pages.\n\n\
    Your browser works, and so does the server: they only speak different languages. Speak to it \
    with the lesson's client, or with the console in the book.\n";
