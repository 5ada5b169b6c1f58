//! Level 7: live logs, before strangers.
//!
//!     cargo run -p level7 --bin live_server
//!     cargo run -p level7 --bin live_client     (in a second terminal: it reads)

use level6::{Log, SEND_BUFFER};
use level7::{Live, Memory, Origins, Settings};
use websocket_streaming::{Failure, cli, listen_with, shutdown_signal};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let address = cli::server_address(include_str!("live_server.rs"));
    let shutdown = shutdown_signal();
    let listener = listen_with(&address, |socket| socket.set_send_buffer_size(SEND_BUFFER)).await?;
    // A name that no log has had before.
    let keep = Memory::new(Log::new(format!("{:08x}", rand::random::<u32>())));
    let settings = Settings::new(Origins::own(listener.local_addr()?, false));
    Live::new(keep, settings).serve(listener, shutdown).await;
    Ok(())
}
