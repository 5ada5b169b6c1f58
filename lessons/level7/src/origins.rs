//! Which web pages may connect.

use std::net::SocketAddr;

use anyhow::{Result, bail};
use tokio_tungstenite::tungstenite::handshake::server::Request;

// ANCHOR: Origins
/// The list of web sites whose pages may connect.
///
/// A browser lets any page on the web open a WebSocket to any server, and sends that server's
/// cookies along: "cross-site WebSocket hijacking". It also says with `Origin` whose page it is
/// (section 10.2). So the server must look, and a list of names is all that can be believed: `Host`
/// is what the page's own address was, and proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origins(Vec<String>);

impl Origins {
    /// This server's own page, seen from its own machine.
    pub fn own(address: SocketAddr, tls: bool) -> Origins {
        let (scheme, port) = (if tls { "https" } else { "http" }, address.port());
        let mut hosts = vec!["localhost".to_string(), "127.0.0.1".into(), "[::1]".into()];
        if !address.ip().is_loopback() && !address.ip().is_unspecified() {
            hosts.push(match address {
                SocketAddr::V4(v4) => v4.ip().to_string(),
                SocketAddr::V6(v6) => format!("[{}]", v6.ip()),
            });
        }
        Origins(hosts.iter().map(|host| without_usual_port(scheme, host, port)).collect())
    }

    /// These, each as a browser writes it: `https://example.org`, or with a port.
    ///
    /// # Errors
    /// If one is no origin.
    pub fn these(origins: impl IntoIterator<Item = String>) -> Result<Origins> {
        origins.into_iter().map(|origin| normal(&origin)).collect::<Result<_>>().map(Origins)
    }

    /// Whether a page of one of these asks, or a program that is no browser, and so has none.
    pub fn let_in(&self, request: &Request) -> bool {
        let mut origins = request.headers().get_all("Origin").iter();
        match (origins.next(), origins.next()) {
            (None, _) => true,
            // `null` is a page without an origin: a file, or a frame that anybody may have made.
            (Some(origin), None) => self.0.iter().any(|ours| ours.as_bytes() == origin.as_bytes()),
            // No browser sends two.
            (Some(_), Some(_)) => false,
        }
    }

    /// As a list for people.
    pub fn list(&self) -> String {
        self.0.join(", ")
    }
}
// ANCHOR_END: Origins

fn without_usual_port(scheme: &str, host: &str, port: u16) -> String {
    match (scheme, port) {
        ("http", 80) | ("https", 443) => format!("{scheme}://{host}"),
        _ => format!("{scheme}://{host}:{port}"),
    }
}

/// The origin as browsers write it.
fn normal(origin: &str) -> Result<String> {
    let lower = origin.trim_end_matches('/').to_ascii_lowercase();
    let (scheme, rest) = lower.split_once("://").unwrap_or_default();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_[]:".contains(c);
    if !["http", "https"].contains(&scheme) || rest.is_empty() || !rest.chars().all(is_plain) {
        bail!("`{origin}` is no origin: one looks like https://example.org, without a path");
    }
    let usual = if scheme == "http" { ":80" } else { ":443" };
    Ok(format!("{scheme}://{}", rest.strip_suffix(usual).unwrap_or(rest)))
}
