//! How the client connects: plain or with TLS, and with its token in the handshake.

use std::{io, net::IpAddr, path::Path, sync::Arc};

use anyhow::{Result, anyhow, bail};
use level6::Lost;
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, pki_types::ServerName},
};
use tokio_tungstenite::{
    client_async_with_config,
    tungstenite::{
        Error,
        client::IntoClientRequest,
        error::ProtocolError,
        http::{Uri, header::AUTHORIZATION},
    },
};
use websocket_streaming::{
    ByteStream, CONNECT_DEADLINE, ConnectError, ConnectErrorKind, WebSocket, config, port_or,
};

use crate::{Token, tls};

/// A server, as its client knows it.
#[derive(Clone, Debug)]
pub struct Server {
    url: String,
    host: String,
    port: u16,
    tls: Option<Arc<ClientConfig>>,
    token: Option<Token>,
}

impl Server {
    /// The server at this URL, `ws://HOST:PORT/PATH` or `wss://…`. Whose word counts about who it
    /// is: that of the system's issuers, or of `ca` alone.
    ///
    /// # Errors
    /// If the URL is none, or the token would go over the network in the clear.
    pub fn new(url: &str, ca: Option<&Path>, token: Option<Token>) -> Result<Server> {
        let uri: Uri = url.parse().map_err(|error| anyhow!("{url} is no URL: {error}"))?;
        let is_secure = match uri.scheme_str() {
            Some("wss") => true,
            Some("ws") => false,
            _ => bail!("a URL looks like ws://127.0.0.1:8765 or wss://example.org"),
        };
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_string();
        if host.is_empty() || uri.authority().is_some_and(|it| it.as_str().contains('@')) {
            bail!("a URL has a host, and no user: wss://example.org");
        }
        let Some(port) = port_or(if is_secure { 443 } else { 80 }, &uri) else {
            bail!("{url} has no port that is one: a port is a number up to 65535")
        };
        let is_here = host == "localhost" || host.parse().is_ok_and(|it: IpAddr| it.is_loopback());
        if token.is_some() && !is_secure && !is_here {
            bail!("a token over plain ws:// can be read on its way to {host}: use wss://{host}");
        }
        if ca.is_some() && !is_secure {
            bail!("--ca is for wss://, and {url} has no certificate to trust");
        }
        let tls = is_secure.then(|| tls::client(ca)).transpose()?;
        Ok(Server { url: url.into(), host, port, tls, token })
    }

    /// Connects, with a deadline of 10 s for everything.
    ///
    /// # Errors
    /// Why there is no connection, and whether it is worth trying again.
    pub async fn dial(&self) -> Result<WebSocket, Lost> {
        let silence = || self.lost(ConnectErrorKind::Silence);
        timeout(CONNECT_DEADLINE, self.open()).await.unwrap_or_else(|_elapsed| Err(silence()))
    }

    async fn open(&self) -> Result<WebSocket, Lost> {
        let tcp = |error| self.lost(ConnectErrorKind::Tcp(error));
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(tcp)?;
        // Without it a handshake with TLS takes 44 ms instead of less than one.
        stream.set_nodelay(true).map_err(tcp)?;
        let stream: Box<dyn ByteStream> = match &self.tls {
            None => Box::new(stream),
            Some(config) => {
                let name = ServerName::try_from(self.host.clone()).map_err(|error| {
                    Lost::for_good(format!("{} has no name for TLS: {error}", self.url))
                })?;
                let connector = TlsConnector::from(config.clone());
                let stream = connector.connect(name, stream).await;
                Box::new(stream.map_err(|error| self.no_tls(error))?)
            }
        };
        let url = self.url.as_str();
        let mut request =
            url.into_client_request().map_err(|error| Lost::for_good(error.to_string()))?;
        if let Some(token) = &self.token {
            let value = token.header().map_err(|error| Lost::for_good(error.to_string()))?;
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        match client_async_with_config(request, stream, Some(config())).await {
            Ok((socket, _response)) => Ok(socket),
            Err(Error::Http(answer)) => Err(match answer.status().as_u16() {
                401 => Lost::for_good(format!("{url} does not know this token (401)")),
                403 => Lost::for_good(format!("{url} does not let you in (403)")),
                429 => {
                    Lost::for_now(format!("{url} has too many requests from your address (429)"))
                }
                503 => Lost::for_now(format!("{url} takes no new connections now (503)")),
                _ => self.lost(ConnectErrorKind::Refused(answer.status())),
            }),
            // A server with TLS answers a plain request with an alert, or a page of 400.
            Err(Error::Protocol(ProtocolError::HttparseError(_))) if self.tls.is_none() => {
                Err(Lost::for_good(format!(
                    "{url} did not answer in HTTP; its URL may begin with wss://"
                )))
            }
            Err(error) => Err(self.lost(ConnectErrorKind::Handshake(error))),
        }
    }

    fn lost(&self, kind: ConnectErrorKind) -> Lost {
        ConnectError { url: self.url.clone(), kind }.into()
    }

    /// A certificate does not become good by waiting; a connection that broke may.
    fn no_tls(&self, error: io::Error) -> Lost {
        match tls::what_is_wrong(&error) {
            Some(what) => Lost::for_good(format!("cannot trust {}: {what}", self.url)),
            None => self.lost(ConnectErrorKind::Tcp(error)),
        }
    }
}
