//! The assistant as a server's handler: page and socket on one port.

use anyhow::Result;
use tokio_tungstenite::tungstenite::handshake::server::Request;
use websocket_streaming::{Handler, Page, WebSocket, is_from_here};

use crate::{answerer::Answerer, conversation::converse};

// ANCHOR: Assistant
/// Meets every client with an answerer of its own, and hands out the page.
pub struct Assistant {
    meet: Box<dyn Fn() -> Box<dyn Answerer> + Send + Sync>,
    files_may_ask: bool,
}

impl Assistant {
    /// `meet` makes a new answerer for each connection. Programs may ask it, and pages of this
    /// machine.
    pub fn new<A, F>(meet: F) -> Assistant
    where
        A: Answerer + 'static,
        F: Fn() -> A + Send + Sync + 'static,
    {
        Assistant { meet: Box::new(move || Box::new(meet())), files_may_ask: false }
    }

    /// Pages that were opened as files may ask, too. They cannot be told from a foreign page that
    /// hides where it is from: so this is for an answerer that costs nothing and can do nothing.
    pub fn open_to_files(self) -> Assistant {
        Assistant { files_may_ask: true, ..self }
    }
}

impl Handler for Assistant {
    async fn handle(&self, socket: &mut WebSocket) -> Result<()> {
        converse(socket, (self.meet)()).await
    }

    fn lets_in(&self, request: &Request) -> bool {
        // The origin of a file, and of a foreign page in a sandbox.
        let is_null = request.headers().get("Origin").is_some_and(|origin| origin == "null");
        is_from_here(request) && (self.files_may_ask || !is_null)
    }

    fn pages(&self) -> &[Page] {
        PAGES
    }
}
// ANCHOR_END: Assistant

/// The page's files: the policy against foreign code forbids script and style in the page
/// itself.
const PAGES: &[Page] = &[
    Page {
        path: "/",
        content_type: "text/html; charset=utf-8",
        body: include_str!("../page/index.html"),
    },
    Page {
        path: "/style.css",
        content_type: "text/css; charset=utf-8",
        body: include_str!("../page/style.css"),
    },
    Page {
        path: "/page.js",
        content_type: "text/javascript; charset=utf-8",
        body: include_str!("../page/page.js"),
    },
    Page {
        path: "/writer.js",
        content_type: "text/javascript; charset=utf-8",
        body: include_str!("../page/writer.js"),
    },
    Page {
        path: "/words.js",
        content_type: "text/javascript; charset=utf-8",
        body: include_str!("../page/words.js"),
    },
    // Without one, browsers ask for /favicon.ico, and complain to whoever has their console open.
    Page {
        path: "/icon.svg",
        content_type: "image/svg+xml; charset=utf-8",
        body: include_str!("../page/icon.svg"),
    },
];
