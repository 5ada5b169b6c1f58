//! What a server refuses to be: combinations that leave a door open which looks closed.

use std::net::SocketAddr;

use anyhow::{Result, bail};
use websocket_streaming::max_files;

use crate::{Settings, Tokens};

/// Files that are not for connections: the standard streams, the runtime's, the log's.
const OTHER_FILES: usize = 64;

impl Settings {
    // ANCHOR: check
    /// Whether a server with these settings may listen at this address.
    ///
    /// # Errors
    /// What is not safe, and what to do instead.
    pub fn check(&self, address: SocketAddr, is_dev_cert: bool) -> Result<()> {
        let for_all = !address.ip().to_canonical().is_loopback();
        let Tokens { reader, writer } = &self.tokens;
        if for_all && is_dev_cert {
            bail!(
                "--dev-cert is for this machine alone, and {address} can be reached from others: \
                 give a certificate of its name with --cert and --key"
            );
        }
        let open = reader.is_none() && writer.is_none();
        if for_all && open {
            bail!(
                "everybody who reaches {address} could publish: give --writer-token-file, or \
                 listen on 127.0.0.1"
            );
        }
        if for_all && self.tls.is_none() && self.proxies.is_none() {
            bail!(
                "a token over plain ws:// can be read on its way to {address}: give --cert and \
                 --key, or --behind-proxy if a proxy in front does TLS"
            );
        }
        if self.proxies.is_some() && open {
            bail!(
                "behind a proxy everybody could publish, since all come from its address: give \
                 --writer-token-file"
            );
        }
        if let (Some(reader), Some(writer)) = (reader, writer) {
            if reader.is(writer) {
                bail!("the readers' token is the writers': every reader could publish");
            }
        }
        Ok(())
    }
    // ANCHOR_END: check

    /// As many connections as this process may open files for. `Some` if that is fewer than wished.
    pub fn fit_to_files(&mut self) -> Option<String> {
        let files = max_files()?;
        // Many systems allow 1,024 at first. The door must not take them all.
        self.at_the_door = self.at_the_door.min(files / 8).max(1);
        let room = files.saturating_sub(OTHER_FILES + self.at_the_door).max(OTHER_FILES);
        if room >= self.connections {
            return None;
        }
        let wish = std::mem::replace(&mut self.connections, room);
        Some(format!(
            "{room} connections instead of {wish}, since this process may open {files} files; \
             `ulimit -n` or systemd's LimitNOFILE raises it"
        ))
    }
}
