//! Behind a proxy: whose word about the client's address counts.

use std::net::{IpAddr, SocketAddr};

use anyhow::{Context, Result, bail};
use tokio_tungstenite::tungstenite::http::HeaderMap;

// ANCHOR: Proxies
/// The proxies in front of this server, by their addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxies(Vec<(IpAddr, u8)>);

impl Proxies {
    /// Those at these addresses or networks, such as `10.0.0.7` or `172.16.0.0/12`; and always
    /// those on this machine.
    ///
    /// # Errors
    /// If one is no address.
    pub fn at(addresses: impl IntoIterator<Item = String>) -> Result<Proxies> {
        let networks = addresses.into_iter().map(|it| network(&it));
        networks.collect::<Result<_>>().map(Proxies)
    }

    /// Whether this is one of them.
    pub fn include(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        peer.is_loopback() || self.0.iter().any(|(network, bits)| is_in(peer, *network, *bits))
    }

    /// The client's address, as the proxy says: the last in `X-Forwarded-For`, which it has added.
    /// What stands before it is what the client itself has sent, and nobody knows whether it is
    /// true. `None` if nothing is said.
    pub fn client(headers: &HeaderMap) -> Option<IpAddr> {
        let line = headers.get_all("X-Forwarded-For").iter().next_back()?.to_str().ok()?;
        let last = line.rsplit(',').next()?.trim();
        let address = last.parse().or_else(|_| last.parse::<SocketAddr>().map(|it| it.ip()));
        address.ok()
    }

    /// Whether a proxy has passed this request on, even if it does not say for whom (`unknown`).
    pub fn have_passed(headers: &HeaderMap) -> bool {
        headers.contains_key("X-Forwarded-For") || headers.contains_key("Forwarded")
    }
}
// ANCHOR_END: Proxies

fn network(text: &str) -> Result<(IpAddr, u8)> {
    let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
    let what = || format!("`{text}` is no address: one looks like 10.0.0.7 or 172.16.0.0/12");
    let address: IpAddr = address.parse().with_context(what)?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.map_or(Ok(most), str::parse).with_context(what)?;
    if bits > most {
        bail!(what());
    }
    if bits == 0 {
        bail!("`{text}` is everybody, and everybody could claim any address: name the proxy's own");
    }
    Ok((address, bits))
}

fn is_in(peer: IpAddr, network: IpAddr, bits: u8) -> bool {
    let prefix = |all: u128, width: u8| all.checked_shr(u32::from(width - bits)).unwrap_or(0);
    match (peer, network) {
        (IpAddr::V4(peer), IpAddr::V4(network)) => {
            let of = |it: std::net::Ipv4Addr| prefix(u128::from(u32::from(it)), 32);
            of(peer) == of(network)
        }
        (IpAddr::V6(peer), IpAddr::V6(network)) => {
            prefix(peer.into(), 128) == prefix(network.into(), 128)
        }
        _ => false,
    }
}
