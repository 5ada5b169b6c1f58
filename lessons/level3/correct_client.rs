//! Level 3: the right way. `.await` waits for the message.
//!
//!     cargo run --bin level2_stream_server
//!     cargo run --bin level3_correct_client     (in a second terminal)

use anyhow::Context;
use websocket_streaming::{CloseWith, Failure, cli, close, connect, next_text, visible};

// ANCHOR: main
#[tokio::main]
async fn main() -> Result<(), Failure> {
    let url = cli::server_url(include_str!("correct_client.rs"));
    let mut socket = connect(&url).await.map_err(cli::start_first("level2_stream_server"))?;

    let message = next_text(&mut socket).await?.context("the server left without a word")?;
    println!("{}", visible(&message));

    close(&mut socket, CloseWith::normal()).await;
    Ok(())
}
// ANCHOR_END: main
