//! What is shown to those who ask for no WebSocket: the page, and how this server is.

use std::net::IpAddr;

use tokio_tungstenite::tungstenite::http::StatusCode;
use websocket_streaming::{Handshake, Page, hand_out};

use crate::{Keep, Live};

// ANCHOR: show
impl<K: Keep> Live<K> {
    /// Answers a request for a page. `own` are those of this machine, not through a proxy: what is
    /// counted here is not for strangers.
    pub(crate) async fn show(&self, handshake: Handshake, own: bool) {
        let plain = [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")];
        match handshake.request().uri().path() {
            // Alive: it answers. A supervisor restarts it if not.
            "/healthz" => handshake.refuse(StatusCode::OK, &plain, "ok\n").await,
            // Ready: new connections are welcome. A proxy sends them elsewhere if not.
            "/readyz" if self.is_ready() => handshake.refuse(StatusCode::OK, &plain, "ok\n").await,
            "/readyz" => {
                let text = if self.leaving.is_cancelled() {
                    "going away\n"
                } else {
                    "the log is out of reach\n"
                };
                handshake.refuse(StatusCode::SERVICE_UNAVAILABLE, &plain, text).await;
            }
            "/metrics" if own => {
                let text = self.metrics.text(self.gauges());
                handshake.refuse(StatusCode::OK, &plain, &text).await;
            }
            path if PAGES.iter().any(|page| page.path == path) => {
                hand_out(handshake, PAGES).await;
            }
            _ => hand_out(handshake, level6::PAGES).await,
        }
    }

    /// Whether it is of this machine, or one of our proxies.
    pub(crate) fn is_nearby(&self, peer: IpAddr) -> bool {
        let proxies = self.settings.proxies.as_ref();
        peer.to_canonical().is_loopback() || proxies.is_some_and(|proxies| proxies.include(peer))
    }
}
// ANCHOR_END: show

/// The page with its login. All else is Level 6's page.
pub const PAGES: &[Page] = &[
    Page {
        path: "/",
        content_type: "text/html; charset=utf-8",
        body: include_str!("../page/index.html"),
    },
    Page {
        path: "/login.css",
        content_type: "text/css; charset=utf-8",
        body: include_str!("../page/login.css"),
    },
    Page {
        path: "/login_words.js",
        content_type: "text/javascript; charset=utf-8",
        body: include_str!("../page/login_words.js"),
    },
    Page {
        path: "/login.js",
        content_type: "text/javascript; charset=utf-8",
        body: include_str!("../page/login.js"),
    },
];
