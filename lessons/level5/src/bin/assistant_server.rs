//! Level 5: an assistant that streams its answers, with a stop button.
//!
//!     cargo run -p level5 --bin assistant_server
//!     cargo run -p level5 --bin assistant_client     (in a second terminal, or open the page)

use level5::{assistant::Assistant, eliza::Eliza};
use websocket_streaming::{Failure, cli, listen, say, serve, shutdown_signal};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let address = cli::server_address(include_str!("assistant_server.rs"));
    let shutdown = shutdown_signal();
    let listener = listen(&address).await?;
    say!("The page: http://{}/", listener.local_addr()?);
    serve(listener, Assistant::new(Eliza::default), shutdown).await;
    Ok(())
}
