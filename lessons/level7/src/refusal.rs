//! How somebody is told that they are not let in.

use std::sync::atomic::AtomicU64;

use tokio_tungstenite::tungstenite::http::StatusCode;

/// Why somebody is not let in: the kind of it, and details for the log.
pub(crate) type Refused = (&'static str, String);

/// Not really refused.
pub(crate) const A_PAGE: &str = "a page";

/// When to come back: soon.
pub(crate) const LATER: Option<(&str, &str)> = Some(("Retry-After", "5"));

/// An answer that is no.
pub(crate) struct No<'a> {
    pub kind: &'static str,
    pub counter: Option<&'a AtomicU64>,
    pub status: StatusCode,
    pub header: Option<(&'static str, &'static str)>,
    pub text: &'static str,
}
