//! The client side of a connection.

use std::{error, fmt, io, time::Duration};

use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    client_async_with_config,
    tungstenite::{
        Error,
        client::IntoClientRequest,
        http::{StatusCode, Uri},
    },
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
        Ok(Err(kind)) => Err(ConnectError { url: url.into(), kind }),
        Err(_elapsed) => Err(ConnectError { url: url.into(), kind: ConnectErrorKind::Silence }),
    }
}

async fn open(url: &str) -> Result<WebSocket, ConnectErrorKind> {
    let request =
        url.into_client_request().map_err(|error| ConnectErrorKind::Url(error.to_string()))?;
    let (host, port) = host_and_port(request.uri())?;
    let stream = TcpStream::connect((host, port)).await.map_err(ConnectErrorKind::Tcp)?;
    // Small messages leave at once: Nagle's algorithm would hold one back until the one before
    // is confirmed.
    stream.set_nodelay(true).map_err(ConnectErrorKind::Tcp)?;
    let stream: Box<dyn ByteStream> = Box::new(stream);
    match client_async_with_config(request, stream, Some(config())).await {
        Ok((socket, _response)) => Ok(socket),
        Err(Error::Http(answer)) => Err(ConnectErrorKind::Refused(answer.status())),
        Err(error) => Err(ConnectErrorKind::Handshake(error)),
    }
}
// ANCHOR_END: connect

fn host_and_port(uri: &Uri) -> Result<(&str, u16), ConnectErrorKind> {
    let scheme = uri.scheme_str().unwrap_or_default().to_ascii_lowercase();
    match (scheme.as_str(), uri.host()) {
        ("ws", Some(host)) => {
            // An IPv6 address stands in brackets in a URL, and without them everywhere else.
            let port = port_or(80, uri)
                .ok_or_else(|| ConnectErrorKind::Url("a port is a number up to 65535".into()))?;
            Ok((host.trim_matches(['[', ']']), port))
        }
        ("wss", _) => Err(ConnectErrorKind::Url("wss:// needs TLS; use ws:// here".into())),
        _ => Err(ConnectErrorKind::Url("a URL looks like ws://127.0.0.1:8765".into())),
    }
}

/// A URL's port, or `default` if it has none. `None` if what stands there is no port, as in `:99999`:
/// `Uri::port_u16` says the same of that as of no port at all.
pub fn port_or(default: u16, uri: &Uri) -> Option<u16> {
    let (host, authority) = (uri.host()?, uri.authority()?);
    uri.port_u16().or_else(|| authority.as_str().ends_with(host).then_some(default))
}

/// Why [`connect()`] failed: shown in one line, which names the URL.
#[derive(Debug)]
pub struct ConnectError {
    /// What [`connect()`] was given.
    pub url: String,
    /// What went wrong. Whether to try again depends on it.
    pub kind: ConnectErrorKind,
}

/// What went wrong in [`connect()`].
#[derive(Debug)]
#[non_exhaustive]
pub enum ConnectErrorKind {
    /// The URL is none, or not one for this library.
    Url(String),
    /// There is no TCP connection: nobody listens there, the host is unknown or out of reach.
    Tcp(io::Error),
    /// A server answered, and refused with this HTTP status, such as 401, 403 or 503.
    Refused(StatusCode),
    /// The answer is not that of a WebSocket server, or the connection broke.
    Handshake(Error),
    /// No answer within [`CONNECT_DEADLINE`].
    Silence,
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = &self.url;
        match &self.kind {
            ConnectErrorKind::Url(reason) => write!(f, "cannot connect to {url}: {reason}"),
            ConnectErrorKind::Tcp(error) => write!(f, "cannot reach {url}: {error}"),
            ConnectErrorKind::Refused(status) => {
                write!(f, "{url} refused the connection: HTTP {status}")
            }
            ConnectErrorKind::Handshake(error) => {
                write!(f, "{url} did not answer as a WebSocket server does: {error}")
            }
            ConnectErrorKind::Silence => {
                let seconds = CONNECT_DEADLINE.as_secs();
                write!(f, "cannot reach {url}: no answer within {seconds} s")
            }
        }
    }
}

impl error::Error for ConnectError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match &self.kind {
            ConnectErrorKind::Tcp(error) => Some(error),
            ConnectErrorKind::Handshake(error) => Some(error),
            _ => None,
        }
    }
}
