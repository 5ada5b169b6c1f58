//! What a server is told at its start, with defaults that are sane.

use std::{sync::Arc, time::Duration};

use tokio_rustls::rustls::ServerConfig;

use crate::{Origins, PULSE, Proxies, Tokens};

// ANCHOR: Settings
/// All that can be set. Each limit answers a "how many?" or a "how long?" that a stranger could
/// otherwise answer.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The certificate, for TLS; without one it speaks plain HTTP.
    pub tls: Option<Arc<ServerConfig>>,
    /// Who may read, who may publish.
    pub tokens: Tokens,
    /// Which pages may connect.
    pub origins: Origins,
    /// The proxies in front of this server, if it is behind some. Then it serves nobody else.
    pub proxies: Option<Proxies>,
    /// Open WebSockets in all.
    pub connections: usize,
    /// Open WebSockets from one address.
    pub per_address: usize,
    /// Connections that have not sent their request yet, or read their answer. From one address as
    /// many of them as [`per_address`](Settings::per_address), or 16.
    pub at_the_door: usize,
    /// Wrong tokens a minute from one address. Until the minute is over, no more are looked at.
    pub wrong_tokens: u32,
    /// Messages a second from one client, and as many at once.
    pub messages: u32,
    /// How long a client may take from its connection to its request, TLS included.
    pub handshake: Duration,
    /// How long a client may take to log in, where that is needed.
    pub login: Duration,
    /// How often a client is looked after, and how long it may take nothing.
    pub pulse: Duration,
    /// Over how long the goodbyes are spread when the server stops.
    pub goodbye: Duration,
}

impl Settings {
    /// The defaults, for the pages of these origins.
    pub fn new(origins: Origins) -> Settings {
        Settings {
            tls: None,
            tokens: Tokens::default(),
            origins,
            proxies: None,
            connections: 10_000,
            per_address: 100,
            at_the_door: 1_000,
            wrong_tokens: 30,
            messages: 100,
            handshake: Duration::from_secs(10),
            login: Duration::from_secs(5),
            pulse: PULSE,
            goodbye: Duration::from_secs(5),
        }
    }
}
// ANCHOR_END: Settings
