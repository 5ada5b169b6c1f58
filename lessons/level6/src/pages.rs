//! What a browser gets: the page, and what belongs to it.

use websocket_streaming::Page;

/// The page, and what belongs to it.
pub const PAGES: &[Page] = &[
    page("/", "text/html; charset=utf-8", include_str!("../page/index.html")),
    page("/style.css", "text/css; charset=utf-8", include_str!("../page/style.css")),
    // Without one, browsers ask for /favicon.ico, and complain to whoever has their console open.
    page("/icon.svg", "image/svg+xml", include_str!("../page/icon.svg")),
    script("/words.js", include_str!("../page/words.js")),
    script("/connection.js", include_str!("../page/connection.js")),
    script("/rows.js", include_str!("../page/rows.js")),
    script("/list.js", include_str!("../page/list.js")),
    script("/chart.js", include_str!("../page/chart.js")),
    script("/page.js", include_str!("../page/page.js")),
];

const fn page(path: &'static str, content_type: &'static str, body: &'static str) -> Page {
    Page { path, content_type, body }
}

const fn script(path: &'static str, body: &'static str) -> Page {
    page(path, "text/javascript; charset=utf-8", body)
}
