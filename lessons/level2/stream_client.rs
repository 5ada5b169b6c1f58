//! Level 2: streaming. Each chunk is printed when it comes; the close ends the stream.
//!
//!     cargo run --bin level2_stream_server
//!     cargo run --bin level2_stream_client     (in a second terminal)

use std::io::{self, Write};

use anyhow::{Result, bail};
use futures_util::StreamExt;
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};
use websocket_streaming::{Failure, WebSocket, cli, connect, visible};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let url = cli::server_url(include_str!("stream_client.rs"));
    let mut socket = connect(&url).await.map_err(cli::start_first("level2_stream_server"))?;

    receive(&mut socket).await?;
    Ok(())
}

// ANCHOR: receive
/// Prints the stream until it ends.
async fn receive(socket: &mut WebSocket) -> Result<()> {
    println!("Receiving stream:");
    let mut close = None;
    // No `break` at the close: the loop's next turn is what sends our half of the goodbye.
    while let Some(message) = socket.next().await {
        match message {
            Ok(Message::Text(chunk)) => {
                print!("{}", visible(&chunk));
                // Without a line break, a terminal shows the text only when it is flushed.
                io::stdout().flush()?;
            }
            Ok(Message::Close(frame)) => close = frame,
            // The answer to a ping leaves on the next turn; an error is the last that comes.
            _ => {}
        }
    }
    println!();
    // A stream that merely stops is not a stream that is finished.
    match close {
        Some(frame) if frame.code == CloseCode::Normal => Ok(()),
        Some(frame) => bail!("the stream is incomplete: {frame}"),
        None => bail!("the stream is incomplete: the connection was lost"),
    }
}
// ANCHOR_END: receive
