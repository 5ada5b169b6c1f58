//! What goes wrong in real life: bad input, clients that vanish or stall, servers that die.
//!
//! Real sockets and real processes, hence real time. Each test runs its servers side by side.

mod breaking_off;
mod control_characters;
mod handlers;
mod no_meeting;
mod protocol;
mod silence;
mod strangers;

#[cfg(target_os = "linux")]
mod crowds;
#[cfg(target_os = "linux")]
mod memory;
#[cfg(unix)]
mod system;
#[cfg(unix)]
mod unread_output;
#[cfg(target_os = "linux")]
mod vanishing;

use futures_util::SinkExt;
use support::{
    client::{Client, connect, leave, next_chunk},
    course::{LEVEL1, request, robust_servers},
    deadline::ON_TIME,
    process::{Finished, Server},
};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::for_each;

/// The servers that nothing may harm, Level 1's among them.
fn all_servers() -> Vec<&'static str> {
    [robust_servers(), vec![LEVEL1]].concat()
}

/// Connects, and waits until the server has begun to speak.
async fn connect_and_hear(server: &str, url: &str) -> Client {
    let mut client = connect(url).await;
    if let Some(request) = request(server) {
        client.send(Message::text(request)).await.expect("the request can be sent");
    }
    next_chunk(&mut client).await;
    client
}

async fn assert_served(server: &str, url: &str) {
    let visit = async { leave(connect_and_hear(server, url).await).await };
    timeout(ON_TIME, visit).await.unwrap_or_else(|_| panic!("{server} serves a client on time"));
}

/// Stops the server. What clients did wrong must not have made it panic, nor complain.
async fn assert_unharmed(name: &str, server: Server) {
    let finished = server.stop().await;
    if name == LEVEL1 {
        // The smallest server has no shutdown, and no log levels: it reports every client.
        for line in finished.stderr.lines() {
            assert!(line.starts_with("a connection ended early: "), "{}", finished.stderr);
        }
    } else {
        assert_eq!(finished.stderr, "", "{name}");
        #[cfg(unix)]
        assert!(finished.status.success(), "{name}: {:?}", finished.status);
    }
}

/// The one line that a program says about its failure.
fn only_complaint(finished: &Finished) -> &str {
    assert_eq!(finished.status.code(), Some(1), "{finished:?}");
    assert_eq!(finished.stderr.lines().count(), 1, "one line, and no backtrace: {finished:?}");
    finished.stderr.trim_end()
}
