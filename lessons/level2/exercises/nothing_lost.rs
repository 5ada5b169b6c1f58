//! Level 2, repair: a server that ticks and listens, and loses what `select!` drops.
//!
//! A note is two messages, its title and its text. The server sends it back as one, and meanwhile
//! it ticks, once a second. But a tick between title and text makes it forget the title, and after
//! each note its clock begins anew.
//!
//! Your task: run it first, with a client that speaks once a second, and see that no note comes
//! back. Then repair it. The ticks come at full seconds, whatever the client says; a note comes
//! back as soon as its text is there; the client may leave at any time, even between the two.
//!
//!     cargo run --bin level2_exercises_nothing_lost
//!     cargo run --bin level2_duplex_client             (in a second terminal)
//!     cargo test --test exercises nothing_lost         (the judge)
//!
//! What is due with a client that leaves in the middle of a note, and with one that comes after it.
//! The judge also plays other clients.
//!
//!        300 ms  client  "Shopping"
//!        400 ms  client  "tea and bread"
//!        400 ms  server  "Shopping: tea and bread"
//!       1000 ms  server  "Tick 1"
//!       1700 ms  client  "Ideas"
//!       1800 ms  client  ping "alive?"
//!       1800 ms  server  pong "alive?"
//!       2000 ms  server  "Tick 2"
//!       2300 ms  client  "learn Rust"
//!       2300 ms  server  "Ideas: learn Rust"
//!       3000 ms  server  "Tick 3"
//!       3200 ms  client  "Secrets"
//!       3400 ms  client  close 1000
//!       3400 ms  server  close 1000
//!
//!        500 ms  client  "Today"
//!       1000 ms  server  "Tick 1"
//!       2000 ms  server  "Tick 2"
//!       2100 ms  client  "rest"
//!       2100 ms  server  "Today: rest"
//!       2600 ms  client  close 1000
//!       2600 ms  server  close 1000
//!
//! Hint: `select!` drops the wait that is not over, and with it what that wait had in its local
//! variables. What must not be lost has its place outside of the loop.
//! Start over: git restore lessons/level2/exercises/nothing_lost.rs

use std::time::Duration;

use anyhow::Result;
use futures_util::SinkExt;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{Failure, WebSocket, cli, listen, next_text, serve, shutdown_signal};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let address = cli::server_address(include_str!("nothing_lost.rs"));
    let shutdown = shutdown_signal();
    let listener = listen(&address).await?;
    serve(listener, tick_and_return, shutdown).await;
    Ok(())
}

/// Ticks every second, and sends each note back as soon as it is whole.
pub async fn tick_and_return(socket: &mut WebSocket) -> Result<()> {
    let mut ticks = 0;
    loop {
        tokio::select! {
            () = sleep(SECOND) => {
                ticks += 1;
                socket.send(Message::text(format!("Tick {ticks}"))).await?;
            }
            note = next_note(socket) => match note? {
                Some(note) => socket.send(Message::text(note)).await?,
                None => todo!("repair both, and put return Ok(()) in place of this todo"),
            },
        }
    }
}

/// Waits for a whole note, title and text; `None` once the client has left.
async fn next_note(socket: &mut WebSocket) -> Result<Option<String>> {
    let Some(title) = next_text(socket).await? else { return Ok(None) };
    let Some(text) = next_text(socket).await? else { return Ok(None) };
    Ok(Some(format!("{title}: {text}")))
}
