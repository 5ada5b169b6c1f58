//! Silence, on either side: nobody waits for ever.

use std::time::Duration;

use futures_util::{SinkExt, future::join_all};
use support::{
    client::{dial, next_close},
    connection::{Served, shake_hands},
    course::{clients, robust_servers},
    deadline::ON_TIME,
    process::{Running, Server, command, run},
};
use tokio::{
    net::TcpListener,
    time::{Instant, sleep},
};
use tokio_tungstenite::{accept_async, tungstenite::Message};
use websocket_streaming::{Ending, WebSocket, next_text};

use super::{
    assert_served, assert_unharmed, for_each, only_complaint,
    strangers::{HALF_A_HANDSHAKE, speak_until_the_end},
};

/// Clients that keep a server waiting for their handshake. The last one is never silent, and yet
/// takes 16 s to say its half.
const SILENT: [(&str, &[u8], Duration); 3] = [
    ("silence", b"", Duration::ZERO),
    ("half a handshake", HALF_A_HANDSHAKE, Duration::ZERO),
    ("a handshake byte by byte", HALF_A_HANDSHAKE, Duration::from_millis(200)),
];

async fn listen_only(socket: &mut WebSocket) -> anyhow::Result<()> {
    while next_text(socket).await?.is_some() {}
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_handshake_is_waited_for_for_10_s_and_no_longer() {
    for (what, bytes, pause) in SILENT {
        let start = Instant::now();
        let server = Served::by(listen_only);
        let (ended, ()) =
            tokio::join!(server.ended, speak_until_the_end(server.stream, bytes, pause));
        let (ending, when) = ended.unwrap();
        assert!(matches!(ending, Ending::NoHandshake(_)), "{what}: {ending:?}");
        assert_eq!(when - start, Duration::from_secs(10), "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_a_close_is_waited_for_for_3_s_and_no_longer() {
    let server = Served::by(listen_only);
    let mut client = shake_hands(server.stream).await;
    let start = Instant::now();
    server.stop.cancel();
    // This one reads the close, never answers it, and holds on to the connection.
    assert_eq!(next_close(&mut client).await.0, 1001);
    let (ending, when) = server.ended.await.unwrap();
    assert!(matches!(ending, Ending::Stopped), "{ending:?}");
    assert_eq!(when - start, Duration::from_secs(3));
}

#[cfg_attr(not(feature = "maintainer"), ignore = "takes 10 s")]
#[tokio::test]
async fn nobody_waits_longer_than_10_s_for_a_peer_that_is_silent() {
    let servers = robust_servers();
    let clients = clients().into_iter().map(|(client, _server)| client);
    let clients: Vec<_> = clients.filter(|client| *client != "level1_echo_client").collect();
    tokio::join!(
        for_each(&servers, a_server_hangs_up),
        for_each(&clients, a_client_finds_no_answer),
        the_translation_stops(),
    );
}

async fn a_server_hangs_up(name: &str) {
    let server = Server::start(name).await;
    let hung_up = join_all(SILENT.map(async |(what, bytes, pause)| {
        let end = speak_until_the_end(dial(&server.url).await, bytes, pause);
        let ((), after) = timed(end).await;
        assert_about_10_s(after, what);
    }));
    let others = async {
        sleep(Duration::from_secs(1)).await;
        assert_served(name, &server.url).await;
    };
    tokio::join!(hung_up, others);
    assert_unharmed(name, server).await;
}

async fn a_client_finds_no_answer(client: &str) {
    // The system takes the connection, but nobody accepts it and answers the handshake.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    let (finished, after) = timed(run(client, &[&url], "")).await;
    let line = only_complaint(&finished);
    assert!(line.ends_with(&format!("cannot reach {url}: no answer within 10 s")), "{line}");
    assert_about_10_s(after, client);
}

async fn the_translation_stops() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    let client = Running::start(&mut command("level4_translate_client", &[&url]));
    let (stream, _peer) = listener.accept().await.unwrap();
    let mut socket = accept_async(stream).await.unwrap();
    socket.send(Message::text("你好 ")).await.unwrap();
    let (finished, after) = timed(client.finished()).await;
    let line = only_complaint(&finished);
    assert!(line.starts_with("Error: the translation is incomplete: "), "{line}");
    assert!(line.contains("silent"), "{line}");
    assert_eq!(finished.stdout, "Translating:\n\r你好 \n");
    assert_about_10_s(after, "the translation");
}

async fn timed<T>(future: impl Future<Output = T>) -> (T, Duration) {
    let start = Instant::now();
    (future.await, start.elapsed())
}

fn assert_about_10_s(after: Duration, what: &str) {
    assert!(after > Duration::from_secs(9), "{what} was not waited for: {after:?}");
    assert!(after < Duration::from_secs(10) + ON_TIME, "{what} was waited for too long: {after:?}");
}
