//! Where a server can be reached.

use std::io;

use anyhow::{Context, Result};
use tokio::net::{TcpListener, TcpSocket, lookup_host};

use crate::say;

/// How many clients the system lets wait to be accepted. Many more than this may come at the same
/// moment, when a server comes back; with tokio's 128 each of them would wait for a second.
const BACKLOG: u32 = 4096;

/// Listens on `address` (port 0 lets the system choose), and says so on standard output.
///
/// # Errors
/// If the address is not one, or is taken: one line that says what to do.
pub async fn listen(address: &str) -> Result<TcpListener> {
    listen_with(address, |_socket| Ok(())).await
}

/// As [`listen()`], with options of the socket. Those that are set by `prepare` hold for every
/// connection that is accepted.
///
/// # Errors
/// As [`listen()`], and what `prepare` returns.
pub async fn listen_with(
    address: &str,
    prepare: impl Fn(&TcpSocket) -> io::Result<()>,
) -> Result<TcpListener> {
    let listener = listen_quietly(address, prepare).await?;
    let address = listener.local_addr().context("the listener has no address")?;
    say!("Listening on ws://{address}");
    Ok(listener)
}

/// As [`listen_with`], and says nothing: for a server that has more to say than an address.
///
/// # Errors
/// As [`listen_with`].
pub async fn listen_quietly(
    address: &str,
    prepare: impl Fn(&TcpSocket) -> io::Result<()>,
) -> Result<TcpListener> {
    match bind(address, prepare).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => anyhow::bail!(
            "cannot listen on {address}: the port is taken; stop the program that holds it, \
             or choose another port: 127.0.0.1:0 takes any that is free"
        ),
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => anyhow::bail!(
            "cannot listen on {address}: {error}; an address looks like 127.0.0.1:8765"
        ),
        Err(error) => anyhow::bail!("cannot listen on {address}: {error}"),
    }
}

/// As `TcpListener::bind`, but for the backlog.
async fn bind(
    address: &str,
    prepare: impl Fn(&TcpSocket) -> io::Result<()>,
) -> io::Result<TcpListener> {
    let mut outcome = Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address"));
    for address in lookup_host(address).await? {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // Else the port of a server that has just stopped could not be taken for a minute.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        prepare(&socket)?;
        outcome = socket.bind(address).and_then(|()| socket.listen(BACKLOG));
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}
