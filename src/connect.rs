//! The client side of a connection.

use std::{fmt, io, time::Duration};

use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    client_async_with_config,
    tungstenite::{client::IntoClientRequest, http::Uri},
};

use crate::{ByteStream, WebSocket, config};

/// How long [`connect()`] waits for the connection and the handshake together: 10 s.
pub const CONNECT_DEADLINE: Duration = Duration::from_secs(10);

// ANCHOR: connect
/// Connects to a WebSocket server, `ws://HOST:PORT/PATH` (sections 3 and 4.1).
///
/// # Errors
/// [`ConnectError`] if the URL is not one, nobody listens there, the answer is not a WebSocket
/// handshake, or [`CONNECT_DEADLINE`] is over.
pub async fn connect(url: &str) -> Result<WebSocket, ConnectError> {
    match timeout(CONNECT_DEADLINE, open(url)).await {
        Ok(Ok(socket)) => Ok(socket),
        Ok(Err(reason)) => Err(ConnectError { url: url.into(), reason }),
        Err(_elapsed) => Err(ConnectError { url: url.into(), reason: Reason::Silence }),
    }
}

async fn open(url: &str) -> Result<WebSocket, Reason> {
    let request = url.into_client_request().map_err(|error| Reason::Url(error.to_string()))?;
    let (host, port) = host_and_port(request.uri())?;
    let stream = TcpStream::connect((host, port)).await.map_err(Reason::Tcp)?;
    // Small messages leave at once: Nagle's algorithm would hold one back until the one before
    // is confirmed.
    stream.set_nodelay(true).map_err(Reason::Tcp)?;
    let stream: Box<dyn ByteStream> = Box::new(stream);
    match client_async_with_config(request, stream, Some(config())).await {
        Ok((socket, _response)) => Ok(socket),
        Err(error) => Err(Reason::Handshake(error.to_string())),
    }
}
// ANCHOR_END: connect

fn host_and_port(uri: &Uri) -> Result<(&str, u16), Reason> {
    let scheme = uri.scheme_str().unwrap_or_default().to_ascii_lowercase();
    match (scheme.as_str(), uri.host()) {
        ("ws", Some(host)) => {
            // An IPv6 address stands in brackets in a URL, and without them everywhere else.
            let port = match uri.port_u16() {
                Some(port) => port,
                // No port at all, and not one that is none, as in `:99999`.
                None if uri.authority().is_some_and(|it| it.as_str().ends_with(host)) => 80,
                None => return Err(Reason::Url("a port is a number up to 65535".into())),
            };
            Ok((host.trim_matches(['[', ']']), port))
        }
        ("wss", _) => Err(Reason::Url("wss:// needs TLS; use ws:// here".into())),
        _ => Err(Reason::Url("a URL looks like ws://127.0.0.1:8765".into())),
    }
}

/// Why [`connect()`] failed, in one line.
#[derive(Debug)]
pub struct ConnectError {
    url: String,
    reason: Reason,
}

#[derive(Debug)]
enum Reason {
    Url(String),
    Tcp(io::Error),
    Handshake(String),
    Silence,
}

impl ConnectError {
    /// Adds how to start the server, unless the reason is such that it would not help.
    pub fn start_first(self, server: &str) -> anyhow::Error {
        match self.reason {
            Reason::Tcp(ref error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                anyhow::anyhow!("{self}; start its server first: cargo run --bin {server}")
            }
            _ => anyhow::anyhow!("{self}"),
        }
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = &self.url;
        match &self.reason {
            Reason::Url(reason) => write!(f, "cannot connect to {url}: {reason}"),
            Reason::Tcp(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                write!(f, "cannot reach {url}: connection refused")
            }
            Reason::Tcp(error) => write!(f, "cannot reach {url}: {error}"),
            Reason::Handshake(reason) => {
                write!(f, "{url} did not answer as a WebSocket server does: {reason}")
            }
            Reason::Silence => {
                let seconds = CONNECT_DEADLINE.as_secs();
                write!(f, "cannot reach {url}: no answer within {seconds} s")
            }
        }
    }
}

impl std::error::Error for ConnectError {}
