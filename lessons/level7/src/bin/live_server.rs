//! Level 7: live logs, before strangers.
//!
//!     cargo run -p level7 --bin live_server     (for this machine: everybody may read and publish)
//!     ping localhost | cargo run -p level7 --bin live_client -- --publish
//!     cargo run -p level7 --bin live_client     (in a third terminal: it reads)
//!
//! Or open http://127.0.0.1:8765/ in a browser. Before strangers, with TLS and tokens:
//!
//!     head -c 24 /dev/urandom | base64 > writer.token
//!     live_server 0.0.0.0:443 --cert cert.pem --key key.pem --writer-token-file writer.token
//!
//! Two of them with one log, on one machine or on two (more of it in lessons/level7/deploy):
//!
//!     nats-server -js
//!     live_server --nats nats://127.0.0.1:4222
//!     live_server 127.0.0.1:8766 --nats nats://127.0.0.1:4222
//!
//! Tokens come from files, never from arguments: those can be seen by every user of the machine.
//! /healthz, /readyz and /metrics say how it is. SIGTERM or Ctrl-C ends it, with a goodbye.

use std::net::SocketAddr;

use level6::{Log, SEND_BUFFER};
use level7::{
    DIAGNOSTICS, DevCert, JetStream, Keep, Live, Memory, Options, Settings, no_frames_in_the_log,
};
use tokio::net::TcpListener;
use websocket_streaming::{Failure, cli, listen_quietly, say, shutdown_signal};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    // Which crate says what by default: this one every event that matters.
    let command = cli::server_command_logging(include_str!("live_server.rs"), "warn,level7=info");
    no_frames_in_the_log();
    let options = Options::of(command.after_help(DIAGNOSTICS));
    let shutdown = shutdown_signal();
    let prepare = |socket: &_| tokio::net::TcpSocket::set_send_buffer_size(socket, SEND_BUFFER);
    let listener = listen_quietly(&options.address, prepare).await?;
    let settings = options.settings(listener.local_addr()?)?;
    let made = options.dev_cert()?;
    match options.nats()? {
        Some((url, stream)) => {
            let keep = JetStream::connect(&url, &stream).await?;
            say_where(listener.local_addr()?, &settings, made);
            run(keep, settings, listener, shutdown).await;
        }
        None => {
            // A name that no log has had before.
            let keep = Memory::new(Log::new(format!("{:08x}", rand::random::<u32>())));
            say_where(listener.local_addr()?, &settings, made);
            run(keep, settings, listener, shutdown).await;
        }
    }
    Ok(())
}

/// The same for every form of the log.
async fn run(
    keep: impl Keep,
    mut settings: Settings,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) {
    if let Some(warning) = settings.fit_to_files() {
        log::warn!("{warning}");
    }
    Live::new(keep, settings).serve(listener, shutdown).await;
}

fn say_where(address: SocketAddr, settings: &Settings, made: Option<DevCert>) {
    let secure = if settings.tls.is_some() { "s" } else { "" };
    say!("Listening on ws{secure}://{address}");
    say!("Open http{secure}://localhost:{} in a browser", address.port());
    say!("Pages may connect from {}", settings.origins.list());
    if let Some(DevCert { ca, .. }) = made {
        let (ca, port) = (ca.display(), address.port());
        say!("The certificate is for this machine. To trust it:");
        say!("  live_client wss://localhost:{port} --ca {ca}");
        say!("  curl --cacert {ca} https://localhost:{port}/healthz");
        say!("  a browser: import {ca} as an authority, in its settings for certificates");
    }
}
