//! Crowds: too many clients, or ones that send all they can and read nothing.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, future::join_all};
use support::{
    client::{Client, connect, dial},
    deadline::soon,
    process::{Server, binary},
    raw_frame::{FIN, PING, TEXT, raw_frame},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::Command,
    sync::Mutex,
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Error, Message},
};
use websocket_streaming::MAX_MESSAGE_SIZE;

use super::{assert_served, assert_unharmed, memory::memory};

/// The largest crowds take turns: both at once, their own clients would be too slow for a server's
/// deadlines.
static ALONE: Mutex<()> = Mutex::const_new(());

/// A server that has as many clients as it can hold, and these.
async fn full_server() -> (Server, Vec<Client>) {
    // 128 files, 64 of them for other purposes.
    let mut shell = Command::new("sh");
    let name = "level2_bidirectional_server";
    shell.arg("-c").arg("ulimit -n 128; exec \"$0\" 127.0.0.1:0").arg(binary(name));
    let server = Server::spawn(&mut shell).await;
    let mut clients = Vec::new();
    for _ in 0..64 {
        clients.push(connect(&server.url).await);
    }
    (server, clients)
}

#[tokio::test]
async fn one_client_too_many_is_told_to_come_back_later() {
    let (server, mut clients) = full_server().await;
    let refused = connect_async(&server.url).await.expect_err("there is no room");
    let Error::Http(response) = refused else { panic!("not an HTTP answer: {refused:?}") };
    assert_eq!(response.status(), 503);
    assert!(response.headers().contains_key("Retry-After"), "{response:?}");

    drop(clients.pop());
    let again = async {
        while connect_async(&server.url).await.is_err() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    soon(again).await;
    assert_eq!(server.stop().await.stderr, "");
}

/// Each takes the whole second that it may take to read why it is refused.
#[tokio::test]
async fn clients_that_are_refused_and_stay_do_not_use_up_the_files() {
    let (server, clients) = full_server().await;
    let address = server.url.trim_start_matches("ws://");
    let refused = join_all((0..150).map(|_| TcpStream::connect(address))).await;
    // They are accepted in this order, and this one is the last.
    let mut last = soon(TcpStream::connect(address)).await.expect("the backlog has room");
    let _ = soon(last.read(&mut [0])).await;
    drop((refused, clients));
    assert_eq!(server.stop().await.stderr, "");
}

/// 10 MB of pings whose answers are not read, then a text of just the longest size.
#[tokio::test]
async fn no_client_can_write_errors_into_the_log() {
    let name = "level2_bidirectional_server";
    let server = Server::start(name).await;
    let mut client = connect(&server.url).await;
    let pings = raw_frame(FIN | PING, true, &[b'x'; 125]).repeat(10_000_000 / 131);
    let text = raw_frame(FIN | TEXT, true, &[b'x'; MAX_MESSAGE_SIZE]);
    let stream = client.get_mut();
    // The server may hang up before it has taken all.
    let _ = timeout(Duration::from_secs(2), async {
        stream.write_all(&pings).await?;
        stream.write_all(&text).await
    })
    .await;
    drop(client);
    assert_served(name, &server.url).await;
    assert_unharmed(name, server).await;
}

/// Both ends of 3,000 handshakes at the same moment.
#[cfg_attr(not(feature = "maintainer"), ignore = "for the maintainers: it needs 6,000 files")]
#[tokio::test]
async fn three_thousand_clients_that_come_at_once_are_all_let_in() {
    let _alone = ALONE.lock().await;
    let server = Server::start("level2_bidirectional_server").await;
    let start = Instant::now();
    let clients = join_all((0..3000).map(|_| shake_hands(&server.url))).await;
    println!("{} clients in {:?}", clients.len(), start.elapsed());
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

/// As plainly as can be: so many real clients would take longer than the server waits for one.
async fn shake_hands(url: &str) -> TcpStream {
    const REQUEST: &str = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
        Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let mut stream = dial(url).await;
    stream.write_all(REQUEST.as_bytes()).await.expect("the server reads");
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.expect("the server answers");
    assert_eq!(&status, b"HTTP/1.1 101");
    stream
}

/// Each sends as many sentences as may wait and more, of the longest size, and reads nothing.
#[cfg_attr(not(feature = "maintainer"), ignore = "for the maintainers: it takes some seconds")]
#[tokio::test]
async fn two_hundred_hostile_clients_cost_less_than_150_mib_and_give_it_back() {
    let _alone = ALONE.lock().await;
    let server = Server::start("level4_translate_server").await;
    let (pid, url) = (server.pid(), server.url.clone());
    let sentence = Message::text("word ".repeat(64 * 1024 / 5));
    // All of them first: while others flood, a handshake could miss its deadline.
    let clients = join_all((0..200).map(|_| connect(&url))).await;
    let clients = join_all(clients.into_iter().map(async |mut client| {
        for _ in 0..40 {
            // From some sentence on the server reads no more: that is its defence.
            if timeout(Duration::from_secs(2), client.send(sentence.clone())).await.is_err() {
                break;
            }
        }
        client
    }))
    .await;
    let peak = memory(pid, "VmHWM");
    drop(clients);
    let mut held = memory(pid, "VmRSS");
    for _ in 0..100 {
        sleep(Duration::from_millis(100)).await;
        held = memory(pid, "VmRSS");
        if held < 50 {
            break;
        }
    }
    println!("{peak} MiB at most, {held} MiB when they have left");
    assert!(peak < 150, "{peak} MiB");
    assert!(held < 50, "{held} MiB");
}
