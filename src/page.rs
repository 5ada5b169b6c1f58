//! The web page beside a socket: a few files, on the same port.

use tokio_tungstenite::tungstenite::http::StatusCode;

use crate::{
    Handshake,
    handshake::{NO_PAGE, NOT_FOUND},
};

/// A file that a browser may ask for. It is a part of the program, by `include_str!`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Where it is found: `/`, or `/page.js`.
    pub path: &'static str,
    /// Its media type, such as `text/html; charset=utf-8`.
    pub content_type: &'static str,
    /// What is in it.
    pub body: &'static str,
}

/// What a page may do: run the script and wear the style that come from this server, and speak
/// with it. So text that a stranger has smuggled in as markup can neither run nor phone home.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// Answers a request that is not for a WebSocket: with the page that it asks for, or with 404, or
/// with 426 (upgrade required) where there are no pages at all.
pub(crate) async fn answer_with_page(handshake: Handshake, pages: &[Page]) {
    if pages.is_empty() {
        let headers = [("Upgrade", "websocket")];
        return handshake.refuse(StatusCode::UPGRADE_REQUIRED, &headers, NO_PAGE).await;
    }
    let path = handshake.request().uri().path();
    let Some(page) = pages.iter().find(|page| page.path == path) else {
        return handshake.refuse(StatusCode::NOT_FOUND, &[], NOT_FOUND).await;
    };
    let headers = [
        ("Content-Type", page.content_type),
        ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        // The next version of the program may have another page.
        ("Cache-Control", "no-cache"),
    ];
    handshake.refuse(StatusCode::OK, &headers, page.body).await;
}
