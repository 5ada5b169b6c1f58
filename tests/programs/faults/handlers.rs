//! Handlers that fail, and a client that makes one fail: no other connection feels it.

use std::{future::pending, time::Duration};

use futures_util::SinkExt;
use support::{
    client::{connect, next, next_chunk, next_close},
    connection::{Served, shake_hands},
    raw_frame::{FIN, PING, raw_frame},
};
use tokio::{io::AsyncWriteExt, net::TcpListener, time::sleep};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{Ending, MAX_MESSAGE_SIZE, WebSocket, next_text, pause, serve};

async fn panic_on_demand(socket: &mut WebSocket) -> anyhow::Result<()> {
    while let Some(text) = next_text(socket).await? {
        assert_ne!(text, "panic");
        socket.send(Message::Text(text)).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_handler_that_panics_ends_its_own_connection_alone() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(serve(listener, panic_on_demand, pending()));

    let mut witness = connect(&url).await;
    for _ in 0..3 {
        let mut client = connect(&url).await;
        client.send(Message::text("panic")).await.unwrap();
        assert_eq!(next_close(&mut client).await.0, 1011);
        assert!(next(&mut client).await.is_none());
    }
    witness.send(Message::text("still there?")).await.unwrap();
    assert_eq!(next_chunk(&mut witness).await, "still there?");
    assert!(!server.is_finished());
    server.abort();
}

async fn speak_after_a_second(socket: &mut WebSocket) -> anyhow::Result<()> {
    pause(socket, Duration::from_secs(1)).await?;
    // Longer than a pong: a buffer with room for one more of those has none for this.
    socket.send(Message::text("Do you hear me? ".repeat(10))).await?;
    Ok(())
}

/// In memory and in virtual time: on a real connection it depends on the second whether the
/// server speaks just when its buffer is full of pongs, or a moment before.
#[tokio::test(start_paused = true)]
async fn a_client_that_pings_and_never_reads_is_its_own_fault_and_no_error_of_ours() {
    let server = Served::by(speak_after_a_second);
    let mut client = shake_hands(server.stream).await;
    let pings = raw_frame(FIN | PING, true, &[b'x'; 125]).repeat(3 * MAX_MESSAGE_SIZE / 125);
    client.get_mut().write_all(&pings).await.unwrap();
    sleep(Duration::from_secs(2)).await;
    drop(client);
    let (ending, _when) = server.ended.await.unwrap();
    assert!(matches!(ending, Ending::ClientLeft(_)), "{ending:?}");
}
