//! What an attacker, or a careless terminal, may do to a server on the reader's own machine.

use std::{process::Stdio, time::Duration};

use futures_util::{SinkExt, StreamExt, future::join_all};
use support::process::{DEADLINE, Running, Server, binary, command};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    net::{TcpListener, TcpStream},
    process::{Child, Command},
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, accept_async, connect_async,
    tungstenite::{
        Error, Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

type Client = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn connect(url: &str) -> Client {
    let connecting = timeout(DEADLINE, connect_async(url)).await;
    connecting.expect("the server answers").expect("the handshake succeeds").0
}

async fn next(client: &mut Client) -> Message {
    let message = timeout(DEADLINE, client.next()).await.expect("an answer in time");
    message.expect("no end").expect("no error")
}

/// A server that prints what it hears, and its URL. Nobody reads what it prints after that.
async fn unread_server() -> (Child, String) {
    let mut server = command("level2_bidirectional_server", &["127.0.0.1:0"]);
    let mut server = server.stdin(Stdio::null()).spawn().expect("the binary is built");
    let stdout = server.stdout.as_mut().expect("a pipe");
    let mut line = String::new();
    // Byte by byte, so that nothing is read ahead.
    while !line.ends_with('\n') {
        line.push(stdout.read_u8().await.expect("the first line").into());
    }
    let url = line.trim().strip_prefix("Listening on ").expect("a URL").to_string();
    (server, url)
}

/// Many clients say more than a pipe holds, and each is answered.
async fn assert_speaks_with_many(url: &str) {
    let text = "x".repeat(1000);
    let clients = (0..20).map(async |_| {
        let mut client = connect(url).await;
        for _ in 0..20 {
            client.send(Message::text(text.as_str())).await.expect("the server listens");
            assert_eq!(next(&mut client).await, Message::text(format!("Server reply: {text}")));
        }
        client.close(None).await.expect("the server listens");
        let close = next(&mut client).await;
        assert!(matches!(close, Message::Close(_)), "{close:?}");
    });
    join_all(clients).await;
}

/// It is asked to stop, and does.
#[cfg(unix)]
async fn assert_stops(mut server: Child) {
    let id = server.id().expect("it is running").to_string();
    let killed = Command::new("kill").arg(id).status().await.expect("a kill on every Unix");
    assert!(killed.success());
    let status = timeout(Duration::from_secs(10), server.wait()).await.expect("it ends");
    assert_eq!(status.expect("it can be waited for").code(), Some(0));
}

#[cfg(unix)]
#[tokio::test]
async fn a_server_whose_output_nobody_reads_serves_everybody_and_stops_when_asked() {
    let (server, url) = unread_server().await;
    assert_speaks_with_many(&url).await;
    assert_stops(server).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_server_whose_output_is_closed_serves_everybody_and_stops_when_asked() {
    let (mut server, url) = unread_server().await;
    drop(server.stdout.take());
    assert_speaks_with_many(&url).await;
    assert_stops(server).await;
}

#[tokio::test]
async fn a_server_shows_control_characters_and_does_not_pass_them_on() {
    for (name, said) in [
        ("level2_bidirectional_server", "Client said: "),
        ("level2_duplex_server", "Client said: "),
        ("level4_translate_server", "Received: "),
    ] {
        let mut server = Server::start(name).await;
        let mut client = connect(&server.url).await;
        let text = "\x1b]0;mine\x07 one\nListening on ws://evil";
        client.send(Message::text(text)).await.expect("the server listens");
        let shown = "\\u{1b}]0;mine\\u{7} one\\nListening on ws://evil";
        assert_eq!(server.next_line().await, format!("{said}{shown}"));
    }
}

/// A server that says `text`, and closes with it as a reason. Its URL.
async fn says_and_closes(text: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("ws://{}", listener.local_addr().expect("it is bound"));
    tokio::spawn(async move {
        while let Ok((stream, _peer)) = listener.accept().await {
            tokio::spawn(async move {
                let mut socket = accept_async(stream).await?;
                let away = CloseFrame { code: CloseCode::Away, reason: text.into() };
                for message in [Message::text(text), Message::Close(Some(away))] {
                    socket.send(message).await?;
                }
                while let Some(Ok(_)) = socket.next().await {}
                Ok::<_, Error>(())
            });
        }
    });
    url
}

#[tokio::test]
async fn a_client_shows_control_characters_and_does_not_obey_them() {
    let url = says_and_closes("\x1b[2J\x1b]0;mine\x07").await;
    for name in [
        "level2_bidirectional_client",
        "level2_stream_client",
        "level2_duplex_client",
        "level3_correct_client",
        "level4_translate_client",
    ] {
        let finished = Running::start(&mut command(name, &[&url])).finished().await;
        let shown = finished.stdout.clone() + &finished.stderr;
        let hidden = |c: char| c.is_control() && !['\n', '\r'].contains(&c);
        assert!(!shown.contains(hidden), "{name}: {shown:?}");
        assert!(shown.contains("\\u{1b}[2J"), "{name}: {shown:?}");
    }
}

#[tokio::test]
async fn a_translation_without_an_end_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("ws://{}", listener.local_addr().expect("it is bound"));
    let server = tokio::spawn(async move {
        let (stream, _peer) = listener.accept().await?;
        let mut socket = accept_async(stream).await?;
        let chunk = "word ".repeat(10_000);
        loop {
            socket.send(Message::text(chunk.as_str())).await?;
        }
        #[allow(unreachable_code)]
        Ok::<_, Error>(())
    });
    let mut client = Running::start(&mut command("level4_translate_client", &[&url]));
    client.has_printed("Translating:").await;
    let finished = client.finished().await;
    assert_eq!(finished.status.code(), Some(1));
    assert!(finished.stderr.contains("longer than 1048576 bytes"), "{}", finished.stderr);
    server.abort();
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn one_client_too_many_is_told_to_come_back_later() {
    // 128 files, 64 of them for other purposes.
    let mut shell = Command::new("sh");
    let name = "level2_bidirectional_server";
    shell.arg("-c").arg("ulimit -n 128; exec \"$0\" 127.0.0.1:0").arg(binary(name));
    let server = Server::spawn(&mut shell).await;
    let mut clients = Vec::new();
    for _ in 0..64 {
        clients.push(connect(&server.url).await);
    }
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
    timeout(DEADLINE, again).await.expect("a place that was left is free");
    assert_eq!(server.stop().await.stderr, "");
}

/// 10 MB of pings whose answers are not read, then a text of just the longest size.
#[tokio::test]
async fn no_client_can_write_errors_into_the_log() {
    use tokio::io::AsyncWriteExt;

    let server = Server::start("level2_bidirectional_server").await;
    let mut client = connect(&server.url).await;
    let MaybeTlsStream::Plain(stream) = client.get_mut() else { panic!("no TLS here") };
    // Masked with zeros.
    let mut pings = [[0x89, 0x80 | 125, 0, 0, 0, 0].as_slice(), &[b'x'; 125]].concat();
    pings = pings.repeat(10_000_000 / pings.len());
    let text = [[0x81, 0xFF, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0].as_slice(), &vec![b'x'; 1 << 20]];
    // The server may hang up before it has taken all.
    let _ = timeout(Duration::from_secs(2), async {
        stream.write_all(&pings).await?;
        stream.write_all(&text.concat()).await
    })
    .await;
    drop(client);
    let mut visitor = connect(&server.url).await;
    visitor.send(Message::text("Hello")).await.expect("the server listens");
    assert_eq!(next(&mut visitor).await, Message::text("Server reply: Hello"));
    assert_eq!(server.stop().await.stderr, "");
}

/// Both ends of 3,000 handshakes at the same moment.
#[cfg_attr(not(feature = "maintainer"), ignore = "for the maintainers: it needs 6,000 files")]
#[cfg(target_os = "linux")]
#[tokio::test]
async fn three_thousand_clients_that_come_at_once_are_all_let_in() {
    let mut server = Command::new(binary("level2_bidirectional_server"));
    let mut server = server.arg("127.0.0.1:0").stdout(Stdio::piped()).kill_on_drop(true).spawn();
    let server = server.as_mut().expect("the binary is built");
    let mut lines = BufReader::new(server.stdout.take().expect("a pipe")).lines();
    let line = lines.next_line().await.expect("text").expect("a first line");
    let url = line.strip_prefix("Listening on ").expect("a URL");
    let start = std::time::Instant::now();
    let clients = join_all((0..3000).map(|_| connect(url))).await;
    println!("{} clients in {:?}", clients.len(), start.elapsed());
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

/// The memory that a process holds, `VmRSS`, or the most that it ever held, `VmHWM`, in MiB.
#[cfg(target_os = "linux")]
fn memory(pid: u32, what: &str) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it is running");
    let line = status.lines().find(|line| line.starts_with(what)).expect("Linux reports it");
    let kib = line.split_whitespace().nth(1).expect("a number of kB");
    kib.parse::<usize>().expect("a number of kB") / 1024
}

/// Each sends as many sentences as may wait and more, of the longest size, and reads nothing.
#[cfg_attr(not(feature = "maintainer"), ignore = "for the maintainers: it takes some seconds")]
#[cfg(target_os = "linux")]
#[tokio::test]
async fn two_hundred_hostile_clients_cost_less_than_150_mib_and_give_it_back() {
    let server = Server::start("level4_translate_server").await;
    let (pid, url) = (server.pid(), server.url.clone());
    let sentence = Message::text("word ".repeat(64 * 1024 / 5));
    let clients = join_all((0..200).map(async |_| {
        let mut client = connect(&url).await;
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
