//! The three servers: this program again, as a process of its own. Lines come on standard input.

#[path = "../../../../benches/server/mod.rs"]
mod server;

use std::{env, fs, path::PathBuf};

use anyhow::{Context, Result};
use level6::{Log, Logs, SEND_BUFFER, Source};
use level7::{DevCert, Live, Memory, Options, tls};
use server::Server;
use tokio_rustls::rustls::client::Resumption;
use websocket_streaming::{cli, listen_with, serve as serve_level6, shutdown_signal};

use crate::readers::Way;

pub const KINDS: [&str; 3] = ["level6", "level7", "tls"];
const TOKEN: &str = "the-token-of-readers";

pub struct Started {
    pub server: Server,
    pub way: Way,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("strangers")
}

/// Starts this program as a server of this kind.
pub fn start(kind: &str) -> Result<Started> {
    fs::create_dir_all(folder())?;
    fs::write(folder().join("token"), TOKEN)?;
    let made = DevCert::in_folder(&folder())?;
    let this = env::current_exe()?;
    let server = server::start(this.to_str().context("a path in UTF-8")?, kind)?;
    let tls = (kind == "tls").then(|| tls::client(Some(&made.ca))).transpose()?;
    // Each client is a new one.
    let tls = tls.map(|config| {
        let mut config = (*config).clone();
        config.resumption = Resumption::disabled();
        config.into()
    });
    let headers = match kind {
        "tls" => format!("Authorization: Bearer {TOKEN}\r\n"),
        _ => String::new(),
    };
    let way = Way { address: server.address.clone(), tls, headers };
    Ok(Started { server, way })
}

#[tokio::main]
pub async fn serve(kind: &str) -> Result<()> {
    // For the log alone: RUST_LOG=level7=info shows whom it has not let in.
    let _command = cli::server_command("");
    let shutdown = shutdown_signal();
    let prepare = |socket: &_| tokio::net::TcpSocket::set_send_buffer_size(socket, SEND_BUFFER);
    let listener = listen_with("127.0.0.1:0", prepare).await?;
    let log = Log::new("a");
    let _filling = Source::Input.start(log.clone())?;
    if kind == "level6" {
        serve_level6(listener, Logs(log), shutdown).await;
        return Ok(());
    }
    let (token, made) = (folder().join("token"), folder());
    let (token, made) = (token.to_string_lossy(), made.to_string_lossy());
    let mut arguments = vec!["live_server", "--per-address", "20000"];
    if kind == "tls" {
        arguments.extend(["--dev-cert", &made, "--reader-token-file", &token]);
    }
    let settings = Options::parse(arguments)?.settings(listener.local_addr()?)?;
    Live::new(Memory::new(log), settings).serve(listener, shutdown).await;
    Ok(())
}
