//! Which web pages may connect: those of this machine.

use std::net::IpAddr;

use tokio_tungstenite::tungstenite::handshake::server::Request;

// ANCHOR: is_from_here
/// Whether a page of this machine asks, or a program that is no browser.
///
/// A browser says with `Origin` which site the asking page is from (section 10.2), and lets any
/// page on the web connect to a server on its reader's own machine. So it is for the server to
/// refuse. Let in are: no origin (programs), `null` (a page opened as a file), the name
/// `localhost`, and addresses, if they are of this machine or the very one in the request's `Host`.
/// Another name is not let in, even if `Host` has it too: whoever owns a name can point it at us.
pub fn is_from_here(request: &Request) -> bool {
    let header = |name| request.headers().get(name);
    let Some(origin) = header("Origin") else { return true };
    // No browser sends two. One of them might be what a proxy in front of us believes.
    if request.headers().get_all("Origin").iter().count() > 1 {
        return false;
    }
    let Ok(origin) = origin.to_str() else { return false };
    let host = header("Host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    let Some((_scheme, asking)) = origin.split_once("://") else { return origin == "null" };
    let (asking, host) = (without_port(asking), without_port(host));
    match asking.parse::<IpAddr>() {
        Ok(address) => address.is_loopback() || asking == host,
        Err(_a_name) => asking.eq_ignore_ascii_case("localhost"),
    }
}
// ANCHOR_END: is_from_here

/// `127.0.0.1` of `127.0.0.1:8765`, and `::1` of `[::1]:8765`. What follows the host must be a port:
/// in `localhost:secret@evil.example` the first word is no host, but somebody's name.
fn without_port(host: &str) -> &str {
    let (address, rest) = match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        Some(parts) => parts,
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    if rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port) { address } else { host }
}

/// One line about a request, fit for a log.
pub(crate) fn describe(request: &Request) -> String {
    let origin = request.headers().get("Origin");
    let origin = origin.map_or("none".into(), |it| String::from_utf8_lossy(it.as_bytes()));
    format!("GET {}, origin {origin}", request.uri())
}
