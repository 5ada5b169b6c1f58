//! Level 3, repair: a client that cannot tell 'finished' from 'cut off'.
//!
//! It receives a stream and returns the text. But when the server fails halfway, it returns half
//! of the text as if that were all.
//!
//! Your task: run it, and stop the server halfway with Ctrl-C. The client comes to its `todo!` with
//! half of the text, and knows no better. Repair `receive`. Only close code 1000 means finished;
//! with every other ending, or none, it shall return an error. To the text belong the text messages
//! alone. The closing handshake is carried out to its end.
//!
//!     cargo run --bin level2_stream_server
//!     cargo run --bin level3_exercises_finished_or_cut_off     (in a second terminal)
//!     cargo test --test exercises finished_or_cut_off          (the judge)
//!
//! What is due with a server that finishes, one that fails, and one that vanishes. The judge also
//! plays other servers.
//!
//!          0 ms  server  "one, "
//!        100 ms  server  "two"
//!        200 ms  server  close 1000
//!        200 ms  client  close 1000
//!        200 ms  client  returns "one, two"
//!
//!          0 ms  server  "one, "
//!        100 ms  server  close 1011
//!        100 ms  client  close 1011
//!        100 ms  client  returns an error
//!
//!          0 ms  server  "one, "
//!        100 ms  server  vanishes
//!        100 ms  client  returns an error
//!
//! Hint: a `Message::Close` carries the code. `anyhow::ensure!` returns an error unless something
//! holds.
//! Start over: git restore lessons/level3/exercises/finished_or_cut_off.rs

use anyhow::Result;
use futures_util::StreamExt;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{Failure, WebSocket, cli, connect};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let url = cli::server_url(include_str!("finished_or_cut_off.rs"));
    let mut socket = connect(&url).await.map_err(cli::start_first("level2_stream_server"))?;
    println!("The whole text: {}", receive(&mut socket).await?);
    Ok(())
}

/// Receives a stream to its end and returns the whole text.
pub async fn receive(socket: &mut WebSocket) -> Result<String> {
    let mut whole = String::new();
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Text(chunk) = message {
            whole += &chunk;
        }
    }
    todo!("was that all? Then put Ok(whole) in place of this line. It is now: {whole}")
}
