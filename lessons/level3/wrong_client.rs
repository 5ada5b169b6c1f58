//! Level 3: the wrong way. Without `.await` one holds a future, not a message.
//!
//!     cargo run --bin level2_stream_server
//!     cargo run --bin level3_wrong_client     (in a second terminal)

use futures_util::StreamExt;
use websocket_streaming::{CloseWith, Failure, cli, close, connect};

// ANCHOR: main
#[tokio::main]
async fn main() -> Result<(), Failure> {
    let url = cli::server_url(include_str!("wrong_client.rs"));
    let mut socket = connect(&url).await.map_err(cli::start_first("level2_stream_server"))?;

    // The mistake: calling an async function only builds its future. Nothing has run yet.
    let message = socket.next();

    let debug: String = format!("{message:?}").chars().take(60).collect();
    println!("{debug} …");
    println!("This is a future, the promise of a message. Nobody waited for it yet.");
    println!("With `.await` it is the message: cargo run --bin level3_correct_client");

    close(&mut socket, CloseWith::normal()).await;
    Ok(())
}
// ANCHOR_END: main
