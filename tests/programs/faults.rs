//! What goes wrong in real life: bad input, clients that vanish or stall, servers that die.
//!
//! Real sockets and real processes, hence real time. Each test runs its servers side by side.

use std::{
    fmt::Debug,
    future::pending,
    iter::repeat_n,
    net::SocketAddr,
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use futures_util::{FutureExt, SinkExt, StreamExt, future::join_all};
use support::process::{DEADLINE, Finished, Running, Server, command, run};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy, duplex, sink},
    net::{TcpListener, TcpSocket, TcpStream},
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, accept_async, client_async,
    tungstenite::{Error, Message, Utf8Bytes},
};
use tokio_util::sync::CancellationToken;
use websocket_streaming::{
    Ending, MAX_MESSAGE_SIZE, WebSocket, next_text, pause, serve, serve_connection,
};

const LEVEL1: &str = "level1_echo_server";
/// The servers that stand on `serve`.
const SERVERS: [&str; 5] = [
    "level2_bidirectional_server",
    "level2_stream_server",
    "level2_duplex_server",
    "level3_async_server",
    "level4_translate_server",
];
/// Each client, and the server that it wants.
const CLIENTS: [(&str, &str); 7] = [
    ("level1_echo_client", LEVEL1),
    ("level2_bidirectional_client", "level2_bidirectional_server"),
    ("level2_stream_client", "level2_stream_server"),
    ("level2_duplex_client", "level2_duplex_server"),
    ("level3_wrong_client", "level2_stream_server"),
    ("level3_correct_client", "level2_stream_server"),
    ("level4_translate_client", "level4_translate_server"),
];

/// What is served within this time is served in spite of whatever else goes on.
const ON_TIME: Duration = Duration::from_secs(5);

/// Runs `check` for all `programs` at once, and names those for which it panicked.
async fn for_each<T: Copy + Debug>(programs: &[T], check: impl AsyncFn(T)) {
    let checks = programs.iter().map(|program| AssertUnwindSafe(check(*program)).catch_unwind());
    let outcomes = join_all(checks).await;
    let red = programs.iter().zip(outcomes).filter(|(_, outcome)| outcome.is_err());
    let red: Vec<_> = red.map(|(program, _)| program).collect();
    assert!(red.is_empty(), "failed (each with its message above): {red:?}");
}

// ---------------------------------------------------------------- clients that behave

type Client = WebSocketStream<TcpStream>;

async fn dial(url: &str) -> TcpStream {
    let address = url.strip_prefix("ws://").expect("a ws URL");
    TcpStream::connect(address).await.expect("the server listens")
}

async fn connect(url: &str) -> Client {
    let handshake = timeout(DEADLINE, client_async(url, dial(url).await)).await;
    handshake.expect("the server answers").expect("the handshake succeeds").0
}

/// What makes this server speak; the poem comes unasked.
fn request(server: &str) -> Option<&'static str> {
    (server != "level2_stream_server").then_some("Hello")
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

async fn next_chunk(client: &mut Client) -> Utf8Bytes {
    loop {
        match next(client).await {
            Some(Ok(Message::Text(chunk))) => return chunk,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            other => panic!("a chunk is due, not {other:?}"),
        }
    }
}

async fn next(client: &mut Client) -> Option<Result<Message, Error>> {
    timeout(DEADLINE, client.next()).await.expect("the server says something, or closes")
}

/// Waits for the server's Close frame, and returns its code and reason.
async fn next_close(client: &mut Client) -> (u16, Utf8Bytes) {
    loop {
        match next(client).await {
            Some(Ok(Message::Close(Some(close)))) => return (close.code.into(), close.reason),
            Some(Ok(_)) => {}
            other => panic!("a close is due, not {other:?}"),
        }
    }
}

/// Says goodbye, and waits for the server's.
async fn leave(mut client: Client) {
    client.close(None).await.expect("the close can be sent");
    while let Some(message) = next(&mut client).await {
        message.expect("the server answers the close");
    }
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

// ---------------------------------------------------------------- the two ends do not meet

#[tokio::test]
async fn a_server_whose_port_is_taken_says_so_in_one_line() {
    let holder = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = holder.local_addr().unwrap().to_string();
    for_each(&[SERVERS.as_slice(), &[LEVEL1]].concat(), async |server| {
        for backtrace in ["0", "1"] {
            let mut command = command(server, &[&address]);
            let finished = Running::start(command.env("RUST_BACKTRACE", backtrace)).finished();
            let finished = finished.await;
            let line = only_complaint(&finished);
            assert!(line.contains(&format!("cannot listen on {address}: ")), "{line}");
            let advice = if server == LEVEL1 { "is another server running" } else { "choose" };
            assert!(line.contains(advice), "{line}");
            assert_eq!(finished.stdout, "");
        }
    })
    .await;
}

#[tokio::test]
async fn a_client_that_finds_no_server_names_the_command_that_starts_it() {
    // A port that is bound, so that nobody else takes it, but on which nobody listens.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let url = format!("ws://{}", socket.local_addr().unwrap());
    for_each(&CLIENTS, async |(client, server)| {
        for backtrace in ["0", "1"] {
            let mut command = command(client, &[&url]);
            let finished = Running::start(command.env("RUST_BACKTRACE", backtrace)).finished();
            let finished = finished.await;
            let line = only_complaint(&finished);
            assert!(line.contains(&format!("cannot reach {url}: ")), "{line}");
            assert!(line.ends_with(&format!("cargo run --bin {server}")), "{line}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_client_with_a_wrong_url_says_so_in_one_line() {
    let web = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = web.local_addr().unwrap();
    let web_server = tokio::spawn(serve_http(web));
    let urls = [
        format!("ws://{address}"),
        format!("wss://{address}"),
        format!("http://{address}"),
        "ws://".to_string(),
        "ws://[nonsense".to_string(),
        "ws://no.such.host.invalid:80".to_string(),
        "ws://127.0.0.1:99999".to_string(),
    ];
    for_each(&CLIENTS, async |(client, _server)| {
        for url in &urls {
            let finished = run(client, &[url], "").await;
            let line = only_complaint(&finished);
            assert!(line.contains(url), "{line}");
            // Not "connection refused", which would send the reader looking for a server.
            assert!(!url.starts_with("wss") || line.contains("TLS"), "{line}");
        }
    })
    .await;
    web_server.abort();
}

/// An ordinary web server: it answers everybody, but not with a WebSocket handshake.
async fn serve_http(listener: TcpListener) {
    while let Ok((mut stream, _peer)) = listener.accept().await {
        tokio::spawn(async move {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
                    return;
                }
            }
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
        });
    }
}

// ---------------------------------------------------------------- clients that are not clients

/// Bytes that mean nothing, the same ones in every run.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let step = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(step).collect()
}

/// What may come instead of a handshake.
fn strangers() -> Vec<(&'static str, Vec<u8>)> {
    let request: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n";
    vec![
        ("a web browser", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec()),
        ("no HTTP", b"EHLO localhost\r\n".to_vec()),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec()),
        ("noise", noise(100_000)),
        ("a huge header", [request, b"X: ", &[b'x'; MAX_MESSAGE_SIZE]].concat()),
        ("many headers", [request, &b"X: x\r\n".repeat(100_000)].concat()),
    ]
}

/// Sends `bytes`, with a pause after each where there is one, then reads to the end, which may be
/// a reset as well.
async fn speak_until_the_end(mut stream: TcpStream, bytes: &[u8], pause: Duration) {
    let (mut reader, mut writer) = stream.split();
    let mut ignored = sink();
    let speak = async {
        let size = if pause.is_zero() { bytes.len() } else { 1 };
        for piece in bytes.chunks(size.max(1)) {
            // The server may hang up before it has heard everything.
            if writer.write_all(piece).await.is_err() {
                break;
            }
            sleep(pause).await;
        }
        pending().await
    };
    tokio::select! {
        _ = copy(&mut reader, &mut ignored) => {}
        () = speak => {}
    }
}

#[tokio::test]
async fn a_client_that_sends_something_else_than_a_handshake_is_hung_up_on() {
    let strangers = strangers();
    for_each(&[SERVERS.as_slice(), &[LEVEL1]].concat(), async |name| {
        let server = Server::start(name).await;
        for (what, bytes) in &strangers {
            let end = speak_until_the_end(dial(&server.url).await, bytes, Duration::ZERO);
            timeout(ON_TIME, end).await.unwrap_or_else(|_| panic!("{name}: {what} holds on"));
        }
        assert_served(name, &server.url).await;
        assert_unharmed(name, server).await;
    })
    .await;
}

#[tokio::test]
async fn level1_serves_others_while_a_client_is_silent() {
    let server = Server::start(LEVEL1).await;
    // It has no deadlines, to be small: the silent ones may stay.
    let _silent = dial(&server.url).await;
    let mut half = dial(&server.url).await;
    half.write_all(HALF_A_HANDSHAKE).await.unwrap();
    assert_served(LEVEL1, &server.url).await;
    assert_unharmed(LEVEL1, server).await;
}

// ---------------------------------------------------------------- clients that break the protocol

const FIN: u8 = 0x80;
const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const MASKED: u8 = 0x80;

/// A frame as it looks on the wire (section 5.2 of RFC 6455), whether it is allowed or not.
/// The mask is zero, so the payload stays legible.
fn raw_frame(first_byte: u8, masked: bool, payload: &[u8]) -> Vec<u8> {
    [raw_header(first_byte, masked, payload.len()).as_slice(), payload].concat()
}

fn raw_header(first_byte: u8, masked: bool, length: usize) -> Vec<u8> {
    let mask_bit = if masked { MASKED } else { 0 };
    let mut header = vec![first_byte];
    match length {
        0..=125 => header.push(mask_bit | length as u8),
        126..=65_535 => {
            header.push(mask_bit | 126);
            header.extend((length as u16).to_be_bytes());
        }
        _ => {
            header.push(mask_bit | 127);
            header.extend((length as u64).to_be_bytes());
        }
    }
    header.extend(repeat_n(0, if masked { 4 } else { 0 }));
    header
}

/// What a client may do wrong, and the code it is told (section 7.4.1).
fn offences() -> Vec<(&'static str, Vec<u8>, u16)> {
    let frame = |first_byte, payload: &[u8]| raw_frame(first_byte, true, payload);
    let too_long = "x".repeat(MAX_MESSAGE_SIZE + 1);
    let half = &too_long.as_bytes()[..MAX_MESSAGE_SIZE / 2];
    vec![
        ("an unmasked frame", raw_frame(FIN | TEXT, false, b"Hello"), 1002),
        ("a reserved opcode for data", frame(FIN | 0x3, b"Hello"), 1002),
        ("a reserved opcode for control", frame(FIN | 0xB, b"Hello"), 1002),
        ("a reserved bit", frame(FIN | 0x40 | TEXT, b"Hello"), 1002),
        ("a ping in fragments", frame(PING, b"Hello"), 1002),
        ("a ping of 126 bytes", frame(FIN | PING, &[b'x'; 126]), 1002),
        ("a continuation of nothing", frame(FIN | CONTINUATION, b"Hello"), 1002),
        (
            "a message within another",
            [frame(TEXT, b"He"), frame(FIN | TEXT, b"llo")].concat(),
            1002,
        ),
        ("a close code of one byte", frame(FIN | CLOSE, &[3]), 1002),
        (
            "a close code that is not for the wire",
            frame(FIN | CLOSE, &1005_u16.to_be_bytes()),
            1002,
        ),
        ("a binary message", frame(FIN | BINARY, b"Hello"), 1003),
        ("text that is not UTF-8", frame(FIN | TEXT, b"Hello \xFF"), 1007),
        ("text that ends within a character", frame(FIN | TEXT, b"\xE4\xBD"), 1007),
        (
            "fragments that end within a character",
            [frame(TEXT, b"\xE4"), frame(FIN | CONTINUATION, b"\xBD")].concat(),
            1007,
        ),
        ("a close reason that is not UTF-8", frame(FIN | CLOSE, b"\x03\xE8\xFF"), 1007),
        ("a frame announced too long", raw_header(FIN | TEXT, true, MAX_MESSAGE_SIZE + 1), 1009),
        ("a frame announced endless", raw_header(FIN | TEXT, true, i64::MAX as usize), 1009),
        ("a frame too long", frame(FIN | TEXT, too_long.as_bytes()), 1009),
        (
            "fragments too long together",
            [frame(TEXT, half), frame(CONTINUATION, half), frame(FIN | CONTINUATION, b"x")]
                .concat(),
            1009,
        ),
        (
            "an error with much more behind it",
            [frame(FIN | BINARY, b""), frame(FIN | TEXT, half).repeat(20)].concat(),
            1003,
        ),
        (
            "a protocol error with much more behind it",
            [raw_frame(FIN | TEXT, false, b""), frame(FIN | TEXT, half).repeat(20)].concat(),
            1002,
        ),
    ]
}

#[tokio::test]
async fn a_client_that_breaks_the_protocol_is_told_so_with_the_right_close_code() {
    let offences = offences();
    for_each(&SERVERS, async |name| {
        let server = Server::start(name).await;
        for (what, bytes, code) in &offences {
            let mut client = connect(&server.url).await;
            // All of it, before the client reads a single byte.
            let sending = timeout(DEADLINE, client.get_mut().write_all(bytes)).await;
            sending.expect("the server takes it in").expect("the server has not hung up yet");
            let (received, reason) = next_close(&mut client).await;
            assert_eq!(received, *code, "{name}: {what}: {reason:?}");
            assert_ne!(reason, "", "{name}: {what}");
        }
        assert_served(name, &server.url).await;
        assert_unharmed(name, server).await;
    })
    .await;
}

#[tokio::test]
async fn the_longest_message_is_welcome() {
    for_each(&SERVERS, async |name| {
        let mut server = Server::start(name).await;
        let mut client = connect(&server.url).await;
        let check = async {
            let longest = if name.contains("translate") { 64 * 1024 } else { MAX_MESSAGE_SIZE };
            client.send(Message::text(" ".repeat(longest))).await.unwrap();
            next_chunk(&mut client).await;
            leave(client).await;
        };
        // The servers print what they get: more than a pipe holds.
        tokio::select! {
            () = check => {}
            () = server.drain() => panic!("{name} ended"),
        }
        assert_unharmed(name, server).await;
    })
    .await;
}

#[tokio::test]
async fn level1_survives_clients_that_break_the_protocol() {
    let mut server = Server::start(LEVEL1).await;
    let url = server.url.clone();
    let check = async {
        for (what, bytes, _code) in offences() {
            let mut stream = connect(&url).await.into_inner();
            let (mut reader, mut writer) = stream.split();
            // It may hang up without a goodbye, or take a message for good: then we leave.
            let speak = async {
                let _ = writer.write_all(&bytes).await;
                let _ = writer.shutdown().await;
            };
            let mut ignored = sink();
            let both = async { tokio::join!(speak, copy(&mut reader, &mut ignored)) };
            let _ = timeout(DEADLINE, both).await.unwrap_or_else(|_| panic!("{what} holds on"));
        }
        assert_served(LEVEL1, &url).await;
    };
    // It prints what it gets: more than a pipe holds.
    tokio::select! {
        () = check => {}
        () = server.drain() => panic!("the server ended"),
    }
    assert_unharmed(LEVEL1, server).await;
}

// ---------------------------------------------------------------- handlers that fail

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
    let (client_end, server_end) = duplex(64 * 1024);
    let server = tokio::spawn(async {
        serve_connection(server_end, &speak_after_a_second, CancellationToken::new()).await
    });
    let (mut client, _response) = client_async("ws://memory/", client_end).await.unwrap();
    let pings = raw_frame(FIN | PING, true, &[b'x'; 125]).repeat(3 * MAX_MESSAGE_SIZE / 125);
    client.get_mut().write_all(&pings).await.unwrap();
    sleep(Duration::from_secs(2)).await;
    drop(client);
    let ending = server.await.unwrap();
    assert!(matches!(ending, Ending::ClientLeft(_)), "{ending:?}");
}

// ---------------------------------------------------------------- what a translator is asked

#[tokio::test]
async fn a_sentence_of_10_000_words_is_translated_while_pings_are_answered() {
    let server = Server::start("level4_translate_server").await;
    let mut client = connect(&server.url).await;
    client.send(Message::text("Hello world ".repeat(5_000))).await.unwrap();
    assert_eq!(next_chunk(&mut client).await, "你好 ");
    client.send(Message::Ping("alive?".into())).await.unwrap();
    assert_eq!(next(&mut client).await.unwrap().unwrap(), Message::Pong("alive?".into()));
    assert_eq!(next_chunk(&mut client).await, "世界 ");
    // The rest would take 5,000 s; the server must not see it through.
    timeout(ON_TIME, leave(client)).await.expect("the close is answered");
}

#[tokio::test]
async fn sentences_of_any_script_or_none_end_with_the_end_marker() {
    let server = Server::start("level4_translate_server").await;
    for_each(
        &[("", 0), (" \t\r\n", 0), ("👋🏽 🌍", 2), ("مرحبا שלום", 2)],
        async |(text, words)| {
            let mut client = connect(&server.url).await;
            client.send(Message::text(text)).await.unwrap();
            for word in text.split_whitespace().take(words) {
                assert_eq!(next_chunk(&mut client).await, format!("{word} "));
            }
            assert_eq!(next_chunk(&mut client).await, "");
            leave(client).await;
        },
    )
    .await;
}

#[tokio::test]
async fn more_sentences_than_may_wait_are_all_translated_in_order() {
    let server = Server::start("level4_translate_server").await;
    let mut client = connect(&server.url).await;
    // Words take time, and so let the sentences behind them pile up.
    let sentences: Vec<String> =
        (0..40).map(|i| if i % 13 == 0 { format!("word{i}") } else { String::new() }).collect();
    for sentence in &sentences {
        client.feed(Message::text(sentence)).await.unwrap();
    }
    client.flush().await.unwrap();
    for sentence in &sentences {
        if !sentence.is_empty() {
            assert_eq!(next_chunk(&mut client).await, format!("{sentence} "));
        }
        assert_eq!(next_chunk(&mut client).await, "", "after {sentence:?}");
    }
    leave(client).await;
    assert_unharmed("level4_translate_server", server).await;
}

// ---------------------------------------------------------------- servers that die or fall silent

#[cfg(unix)]
const ENDS: [&str; 2] = ["KILL", "TERM"];
#[cfg(not(unix))]
const ENDS: [&str; 1] = ["KILL"];

async fn end(server: &mut Server, how: &str) {
    match how {
        "KILL" => server.kill().await,
        #[cfg(unix)]
        signal => server.signal(signal),
        #[cfg(not(unix))]
        _ => unreachable!("there are no signals here"),
    }
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_called_incomplete() {
    tokio::join!(for_each(&ENDS, a_translation_breaks_off), for_each(&ENDS, a_poem_breaks_off));
}

async fn a_translation_breaks_off(how: &str) {
    let mut server = Server::start("level4_translate_server").await;
    let mut client = Running::start(&mut command("level4_translate_client", &[&server.url]));
    client.has_printed("\r你好 世界 ").await;
    end(&mut server, how).await;
    let finished = client.finished().await;
    let line = only_complaint(&finished);
    assert!(line.starts_with("Error: the translation is incomplete: "), "{line}");
    assert!(finished.stdout.starts_with("Translating:\n\r你好 \r你好 世界 "), "{finished:?}");
    assert!(!finished.stdout.contains("complete"), "{finished:?}");
}

async fn a_poem_breaks_off(how: &str) {
    let mut server = Server::start("level2_stream_server").await;
    let mut client = Running::start(&mut command("level2_stream_client", &[&server.url]));
    client.has_printed("处处闻啼鸟。").await;
    end(&mut server, how).await;
    let finished = client.finished().await;
    let line = only_complaint(&finished);
    assert!(line.starts_with("Error: the stream is incomplete: "), "{line}");
    let poem = "Receiving stream:\n春眠不觉晓，处处闻啼鸟。";
    assert!(finished.stdout.starts_with(poem), "{finished:?}");
    assert!(!finished.stdout.contains("花落知多少"), "{finished:?}");
}

// ---------------------------------------------------------------- silence, on either side

#[tokio::test]
async fn nobody_waits_longer_than_10_s_for_a_peer_that_is_silent() {
    tokio::join!(
        for_each(&SERVERS, a_server_hangs_up),
        for_each(&CLIENTS[1..], async |(client, _server)| a_client_finds_no_answer(client).await),
        the_translation_stops(),
    );
}

const HALF_A_HANDSHAKE: &[u8] =
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";

async fn a_server_hangs_up(name: &str) {
    let server = Server::start(name).await;
    // The last one is never silent, and yet takes 16 s to say its half.
    let slowly = Duration::from_millis(200);
    let silent: [(&str, &[u8], Duration); 3] = [
        ("silence", b"", Duration::ZERO),
        ("half a handshake", HALF_A_HANDSHAKE, Duration::ZERO),
        ("a handshake byte by byte", HALF_A_HANDSHAKE, slowly),
    ];
    let hung_up = join_all(silent.map(async |(what, bytes, pause)| {
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

// ---------------------------------------------------------------- the system around the server

#[cfg(unix)]
mod unix {
    use tokio::process::Command;

    use super::*;
    use support::process::binary;

    #[tokio::test]
    async fn a_signal_closes_every_connection_with_1001_and_ends_the_server_within_5_s() {
        let cases = SERVERS.map(|name| [(name, "INT"), (name, "TERM")]);
        for_each(cases.as_flattened(), async |(name, signal)| {
            let server = Server::start(name).await;
            let mut idle = connect(&server.url).await;
            let _in_its_handshake = dial(&server.url).await;
            let (mut rude, mut in_mid_stream) = tokio::join!(
                connect_and_hear(name, &server.url),
                connect_and_hear(name, &server.url),
            );

            server.signal(signal);
            let signalled = Instant::now();
            for client in [&mut idle, &mut in_mid_stream] {
                assert_eq!(next_close(client).await.0, 1001, "{name}");
                assert!(next(client).await.is_none(), "{name} closes politely");
            }
            // This one reads the close, never answers it, and holds on to the connection.
            assert_eq!(next_close(&mut rude).await.0, 1001, "{name}");
            let finished = server.finished().await;
            assert!(signalled.elapsed() < Duration::from_secs(5), "{:?}", signalled.elapsed());
            assert_eq!(finished.status.code(), Some(0), "{finished:?}");
            assert_eq!(finished.stderr, "");
        })
        .await;
    }

    #[tokio::test]
    async fn a_server_out_of_file_descriptors_complains_once_a_second_and_recovers() {
        for_each(&[SERVERS.as_slice(), &[LEVEL1]].concat(), async |name| {
            let start = Instant::now();
            let mut shell = Command::new("sh");
            shell.arg("-c").arg("ulimit -n 32; exec \"$0\" 127.0.0.1:0").arg(binary(name));
            let server = Server::spawn(&mut shell).await;

            let mut crowd = Vec::new();
            for _ in 0..40 {
                crowd.push(dial(&server.url).await);
            }
            sleep(Duration::from_millis(1500)).await;
            drop(crowd);
            assert_served(name, &server.url).await;

            let finished = server.stop().await;
            let complaints =
                finished.stderr.lines().filter(|line| line.contains("cannot accept")).count();
            assert!(complaints >= 2, "{}", finished.stderr);
            assert!(complaints as u64 <= 1 + start.elapsed().as_secs(), "{}", finished.stderr);
            assert!(!finished.stderr.contains("panicked"), "{}", finished.stderr);
        })
        .await;
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;

    use super::*;

    fn open_files(pid: u32) -> usize {
        fs::read_dir(format!("/proc/{pid}/fd")).expect("the server is running").count()
    }

    /// `VmRSS`, the memory in use, or `VmHWM`, the most that ever was, in MiB.
    fn memory(pid: u32, what: &str) -> usize {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it is running");
        let line = status.lines().find(|line| line.starts_with(what)).expect("Linux reports it");
        let kib = line.split_whitespace().nth(1).expect("a number of kB");
        kib.parse::<usize>().expect("a number of kB") / 1024
    }

    #[tokio::test]
    async fn a_client_that_vanishes_stops_its_stream_within_one_chunk() {
        for_each(&SERVERS, async |name| {
            let server = Server::start_with_log(name, "websocket_streaming=debug").await;
            let before = open_files(server.pid());
            for reset in [true, false] {
                let mut client = connect(&server.url).await;
                if let Some(request) = request(name) {
                    let long = format!("{request} {}", "world ".repeat(100));
                    client.send(Message::text(long)).await.unwrap();
                }
                next_chunk(&mut client).await;
                assert_eq!(open_files(server.pid()), before + 1);
                if reset {
                    client.get_ref().set_zero_linger().unwrap();
                }
                let vanished = Instant::now();
                drop(client);
                // The connection's task owns its socket: when that is gone, so is the task.
                while open_files(server.pid()) > before {
                    let chunk =
                        Duration::from_millis(if name.contains("translate") { 500 } else { 1000 });
                    assert!(vanished.elapsed() < chunk, "{name}, reset: {reset}");
                    sleep(Duration::from_millis(5)).await;
                }
            }
            let finished = server.stop().await;
            let lines: Vec<_> = finished.stderr.lines().collect();
            assert_eq!(lines.len(), 2, "one line for each: {}", finished.stderr);
            for line in lines {
                assert!(line.contains("DEBUG") && line.contains("the client left"), "{line}");
            }
        })
        .await;
    }

    /// Sends `frame` again and again and never reads, until `total` bytes are sent, the server
    /// hangs up, or it has taken in nothing for a second.
    async fn flood(client: &mut Client, frame: &[u8], total: usize) -> usize {
        let burst = frame.repeat(64 * 1024 / frame.len() + 1);
        let mut sent = 0;
        while sent < total {
            match timeout(Duration::from_secs(1), client.get_mut().write_all(&burst)).await {
                Ok(Ok(())) => sent += burst.len(),
                Ok(Err(_)) | Err(_) => break,
            }
        }
        sent
    }

    #[tokio::test]
    async fn a_client_that_never_reads_costs_little_memory_and_holds_up_nobody() {
        let pings = raw_frame(FIN | PING, true, &[b'x'; 125]);
        let requests = raw_frame(FIN | TEXT, true, &[b'x'; MAX_MESSAGE_SIZE]);
        let cases = SERVERS.map(|name| [(name, "pings"), (name, "requests")]);
        for_each(cases.as_flattened(), async |(name, what)| {
            let frame = if what == "pings" { &pings } else { &requests };
            let mut server = Server::start(name).await;
            let (pid, url) = (server.pid(), server.url.clone());
            let check = async {
                assert_served(name, &url).await;
                let before = memory(pid, "VmRSS");
                let mut client = connect(&url).await;
                let others = async {
                    sleep(Duration::from_millis(500)).await;
                    assert_served(name, &url).await;
                };
                let (sent, ()) = tokio::join!(flood(&mut client, frame, 40 << 20), others);
                assert_served(name, &url).await;
                let grown = memory(pid, "VmHWM").saturating_sub(before);
                // The translator takes in 16 sentences of 1 MiB each, and then no more.
                assert!(grown < 24, "{name}: {grown} MiB more after {sent} bytes of {what}");
            };
            tokio::select! {
                () = check => {}
                () = server.drain() => panic!("{name} ended"),
            }
            assert_unharmed(name, server).await;
        })
        .await;
    }
}
