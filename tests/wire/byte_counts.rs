//! What it costs to bring the six words of Level 4's translation to a client, in four ways.
//!
//! Every byte counted here has passed through a stream in memory, in virtual time. Such a stream
//! takes no time, so the delays are what each way adds to the journey, not the journey.

#[path = "../../lessons/level4/translate_server.rs"]
#[expect(dead_code, reason = "its main is not called here")]
mod translate_server;

use std::{fmt::Write, time::Duration};

use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream, duplex},
    time::{Instant, sleep, sleep_until},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::Role},
};
use tokio_util::sync::CancellationToken;
use translate_server::translate;
use websocket_streaming::serve_connection;

use crate::{
    handshake::lines,
    in_time,
    tap::{Gauge, Tap},
};
use support::assert_snapshot;

const SENTENCE: &str = "Hello world this is a test";
const WORDS: [&str; 6] = ["你好 ", "世界 ", "这 ", "是 ", "一个 ", "测试 "];
const PACE: Duration = Duration::from_millis(500);

/// How a client's requests begin.
struct Client {
    name: &'static str,
    /// Polling, first half: leave the sentence.
    ask: &'static str,
    /// Polling, second half, again and again: fetch the words that are new.
    poll: &'static str,
    /// Server-sent events.
    events: &'static str,
    /// The WebSocket's handshake.
    websocket: &'static str,
}

/// No header more than curl sends, and for the handshake none more than the protocol demands.
const SMALL: Client = Client {
    name: "small heads",
    ask: "POST /translations HTTP/1.1\r\n\
        Host: 127.0.0.1:8765\r\n\
        User-Agent: curl/8.5.0\r\n\
        Accept: */*\r\n\
        Content-Length: 26\r\n\
        Content-Type: text/plain\r\n\r\n",
    poll: "GET /translations/1 HTTP/1.1\r\n\
        Host: 127.0.0.1:8765\r\n\
        User-Agent: curl/8.5.0\r\n\
        Accept: */*\r\n\r\n",
    events: "GET /translations?text=Hello%20world%20this%20is%20a%20test HTTP/1.1\r\n\
        Host: 127.0.0.1:8765\r\n\
        User-Agent: curl/8.5.0\r\n\
        Accept: text/event-stream\r\n\r\n",
    websocket: "GET / HTTP/1.1\r\n\
        Host: 127.0.0.1:8765\r\n\
        Connection: Upgrade\r\n\
        Upgrade: websocket\r\n\
        Sec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
};

/// As recorded from Chromium 156 on Linux: `fetch`, `EventSource` and `WebSocket` on a page of the
/// same server, without a cookie.
const BROWSER: Client = Client {
    name: "a browser's heads",
    ask: "POST /translations HTTP/1.1\r\n\
        Host: 127.0.0.1:8765\r\n\
        Connection: keep-alive\r\n\
        Content-Length: 26\r\n\
        sec-ch-ua-platform: \"Linux\"\r\n\
        User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
        Chrome/156.0.0.0 Safari/537.36\r\n\
        sec-ch-ua: \"Not:A-Brand\";v=\"8\", \"Chromium\";v=\"156\"\r\n\
        Content-Type: text/plain;charset=UTF-8\r\n\
        sec-ch-ua-mobile: ?0\r\n\
        Accept: */*\r\n\
        Origin: http://127.0.0.1:8765\r\n\
        Sec-Fetch-Site: same-origin\r\n\
        Sec-Fetch-Mode: cors\r\n\
        Sec-Fetch-Dest: empty\r\n\
        Referer: http://127.0.0.1:8765/\r\n\
        Accept-Encoding: gzip, deflate, br, zstd\r\n\
        Accept-Language: en-US,en;q=0.9\r\n\r\n",
    poll: "GET /translations/1 HTTP/1.1\r\n\
        Host: 127.0.0.1:8765\r\n\
        Connection: keep-alive\r\n\
        sec-ch-ua-platform: \"Linux\"\r\n\
        User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
        Chrome/156.0.0.0 Safari/537.36\r\n\
        sec-ch-ua: \"Not:A-Brand\";v=\"8\", \"Chromium\";v=\"156\"\r\n\
        sec-ch-ua-mobile: ?0\r\n\
        Accept: */*\r\n\
        Sec-Fetch-Site: same-origin\r\n\
        Sec-Fetch-Mode: cors\r\n\
        Sec-Fetch-Dest: empty\r\n\
        Referer: http://127.0.0.1:8765/\r\n\
        Accept-Encoding: gzip, deflate, br, zstd\r\n\
        Accept-Language: en-US,en;q=0.9\r\n\r\n",
    events: "GET /translations?text=Hello%20world%20this%20is%20a%20test HTTP/1.1\r\n\
        Host: 127.0.0.1:8765\r\n\
        Connection: keep-alive\r\n\
        Pragma: no-cache\r\n\
        Cache-Control: no-cache\r\n\
        sec-ch-ua-platform: \"Linux\"\r\n\
        User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
        Chrome/156.0.0.0 Safari/537.36\r\n\
        Accept: text/event-stream\r\n\
        sec-ch-ua: \"Not:A-Brand\";v=\"8\", \"Chromium\";v=\"156\"\r\n\
        sec-ch-ua-mobile: ?0\r\n\
        Sec-Fetch-Site: same-origin\r\n\
        Sec-Fetch-Mode: cors\r\n\
        Sec-Fetch-Dest: empty\r\n\
        Referer: http://127.0.0.1:8765/\r\n\
        Accept-Encoding: gzip, deflate, br, zstd\r\n\
        Accept-Language: en-US,en;q=0.9\r\n\r\n",
    websocket: "GET / HTTP/1.1\r\n\
        Host: 127.0.0.1:8765\r\n\
        Connection: Upgrade\r\n\
        Pragma: no-cache\r\n\
        Cache-Control: no-cache\r\n\
        User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
        Chrome/156.0.0.0 Safari/537.36\r\n\
        Upgrade: websocket\r\n\
        Origin: http://127.0.0.1:8765\r\n\
        Sec-WebSocket-Version: 13\r\n\
        Accept-Encoding: gzip, deflate, br, zstd\r\n\
        Accept-Language: en-US,en;q=0.9\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n",
};

// The answers: what HTTP demands, and nothing more. The date is the one of HTTP's own examples.
const CREATED: &str = "HTTP/1.1 201 Created\r\n\
    Location: /translations/1\r\n\
    Content-Length: 0\r\n\
    Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n";
const NOTHING_NEW: &str = "HTTP/1.1 204 No Content\r\n\
    Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n";
const EVENTS: &str = "HTTP/1.1 200 OK\r\n\
    Content-Type: text/event-stream\r\n\
    Cache-Control: no-store\r\n\
    Transfer-Encoding: chunked\r\n\
    Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n";

fn new_words(words: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\n\
        Content-Type: text/plain; charset=utf-8\r\n\
        Content-Length: {}\r\n\
        Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n{words}",
        words.len()
    )
}

fn event(event: &str) -> String {
    format!("{:x}\r\n{event}\r\n", event.len())
}

/// What one way took for all six words.
struct Cost {
    bytes: usize,
    requests: usize,
    /// For each word, from its being ready to its arrival.
    delays: Vec<Duration>,
    /// What one word took, `你好 `, with all that had to be sent for it.
    one_word: usize,
}

#[tokio::test(start_paused = true)]
async fn what_six_words_cost_by_polling_by_events_and_by_websocket() {
    let mut table = String::from("six words, 500 ms apart, and an end marker\n");
    for client in [SMALL, BROWSER] {
        writeln!(
            table,
            "\n{:<22}  requests  all bytes  for one word  mean delay  longest",
            client.name
        )
        .expect("a string takes all");
        for (way, costs) in [
            ("polling every 100 ms", poll_in_every_phase(&client, 100).await),
            ("polling every 500 ms", poll_in_every_phase(&client, 500).await),
            ("server-sent events", vec![in_time(events(&client)).await]),
            ("WebSocket", vec![in_time(websocket(&client)).await]),
        ] {
            let first = &costs[0];
            assert!(costs.iter().all(|cost| cost.bytes == first.bytes), "{way}: phases differ");
            let delays: Vec<Duration> = costs.iter().flat_map(|cost| cost.delays.clone()).collect();
            let count = u32::try_from(delays.len()).expect("there are few");
            let mean = delays.iter().sum::<Duration>() / count;
            let longest = delays.iter().max().expect("there are six at least");
            writeln!(
                table,
                "  {way:<20}  {:>8}  {:>9}  {:>12}  {:>7} ms  {:>4} ms",
                first.requests,
                first.bytes,
                first.one_word,
                mean.as_millis(),
                longest.as_millis(),
            )
            .expect("a string takes all");
        }
    }
    assert_snapshot("wire_byte_counts", &table);
    assert_snapshot("wire_heads", &heads());
}

/// All that was assumed for the table.
fn heads() -> String {
    let mut shown = String::new();
    for client in [SMALL, BROWSER] {
        for (what, head) in [
            ("polling, once", client.ask),
            ("polling, each time", client.poll),
            ("server-sent events", client.events),
            ("WebSocket", client.websocket),
        ] {
            let (name, size) = (client.name, head.len());
            writeln!(shown, "{name}: {what} ({size} bytes)\n{}", lines(head.as_bytes()))
                .expect("a string takes all");
        }
    }
    for (what, answer) in [
        ("polling, once", CREATED.to_string()),
        ("polling, nothing new", NOTHING_NEW.to_string()),
        ("polling, a word", new_words(WORDS[0])),
        ("server-sent events, the head", EVENTS.to_string()),
        ("server-sent events, a word", event(&format!("data: {}\n\n", WORDS[0]))),
    ] {
        writeln!(shown, "answer: {what} ({} bytes)\n{}", answer.len(), lines(answer.as_bytes()))
            .expect("a string takes all");
    }
    shown
}

/// Where the polls fall between the words is chance, so every whole millisecond is tried, except
/// the one at which a poll and a word come at the same moment.
async fn poll_in_every_phase(client: &Client, interval_ms: u64) -> Vec<Cost> {
    let mut costs = Vec::new();
    for phase_ms in 1..interval_ms {
        let (phase, interval) =
            (Duration::from_millis(phase_ms), Duration::from_millis(interval_ms));
        costs.push(in_time(poll(client, phase, interval)).await);
    }
    costs
}

async fn poll(client: &Client, phase: Duration, interval: Duration) -> Cost {
    let (mut stream, gauge) = http_server();
    let start = Instant::now();
    stream.write_all(client.ask.as_bytes()).await.expect("there is room");
    stream.write_all(SENTENCE.as_bytes()).await.expect("there is room");
    read_answer(&mut stream).await;

    let mut requests = 1;
    let mut arrivals = Vec::new();
    let mut one_word = 0;
    sleep(phase).await;
    loop {
        let before = gauge.read().total();
        stream.write_all(client.poll.as_bytes()).await.expect("there is room");
        requests += 1;
        let words = read_answer(&mut stream).await;
        if words.trim_end_matches('\n') == WORDS[arrivals.len()] {
            arrivals.push(start.elapsed());
            if arrivals.len() == 1 {
                one_word = gauge.read().total() - before;
            }
        }
        if words.ends_with('\n') {
            break;
        }
        sleep(interval).await;
    }
    Cost { bytes: gauge.read().total(), requests, delays: delays(&arrivals), one_word }
}

async fn events(client: &Client) -> Cost {
    let (mut stream, gauge) = http_server();
    let start = Instant::now();
    stream.write_all(client.events.as_bytes()).await.expect("there is room");
    read_head(&mut stream).await;

    let mut arrivals = Vec::new();
    let mut one_word = 0;
    loop {
        let event = read_chunk(&mut stream).await;
        if event.is_empty() {
            break;
        }
        if arrivals.len() < WORDS.len() {
            assert_eq!(event, format!("data: {}\n\n", WORDS[arrivals.len()]));
            arrivals.push(start.elapsed());
            if arrivals.len() == 1 {
                one_word = self::event(&event).len();
            }
        }
    }
    Cost { bytes: gauge.read().total(), requests: 1, delays: delays(&arrivals), one_word }
}

/// The lesson's own server, and the client's side of the same conversation.
async fn websocket(client: &Client) -> Cost {
    let (client_end, server_end) = duplex(64 * 1024);
    let server = tokio::spawn(async move {
        serve_connection(server_end, &translate, CancellationToken::new()).await
    });
    let (mut stream, gauge) = Tap::new(client_end);
    let start = Instant::now();
    stream.write_all(client.websocket.as_bytes()).await.expect("there is room");
    while !gauge.read().received.ends_with(b"\r\n\r\n") {
        stream.read_u8().await.expect("the server answers");
    }
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;

    socket.send(Message::text(SENTENCE)).await.expect("the server is there");
    let mut arrivals = Vec::new();
    let mut one_word = 0;
    loop {
        let before = gauge.read().total();
        let message = socket.next().await.expect("a word comes").expect("it is well-formed");
        let word = message.to_text().expect("it is text");
        if word.is_empty() {
            break;
        }
        assert_eq!(word, WORDS[arrivals.len()]);
        arrivals.push(start.elapsed());
        if arrivals.len() == 1 {
            one_word = gauge.read().total() - before;
        }
    }
    socket.close(None).await.expect("the server is there");
    while socket.next().await.is_some() {}
    server.await.expect("the server does not panic");
    Cost { bytes: gauge.read().total(), requests: 1, delays: delays(&arrivals), one_word }
}

fn delays(arrivals: &[Duration]) -> Vec<Duration> {
    assert_eq!(arrivals.len(), WORDS.len());
    (1..).zip(arrivals).map(|(i, arrival)| *arrival - PACE * i).collect()
}

/// The client's end of a connection to a server that speaks just enough HTTP.
fn http_server() -> (BufReader<Tap>, Gauge) {
    let (client_end, server_end) = duplex(64 * 1024);
    tokio::spawn(serve_http(server_end));
    let (stream, gauge) = Tap::new(client_end);
    (BufReader::new(stream), gauge)
}

async fn serve_http(stream: DuplexStream) {
    let mut stream = BufReader::new(stream);
    let mut start = Instant::now();
    let mut fetched = 0;
    loop {
        let head = read_head(&mut stream).await;
        if head.is_empty() {
            return;
        }
        let mut answer = String::new();
        if head.starts_with("POST") {
            read_body(&mut stream, &head).await;
            start = Instant::now();
            answer += CREATED;
        } else if head.starts_with("GET /translations/1") {
            let ready = (1..).zip(WORDS).filter(|(i, _)| start + PACE * *i <= Instant::now());
            let ready = ready.count();
            let mut words = WORDS[fetched..ready].concat();
            fetched = ready;
            if fetched == WORDS.len() {
                words += "\n";
            }
            answer += &if words.is_empty() { NOTHING_NEW.to_string() } else { new_words(&words) };
        } else {
            start = Instant::now();
            stream.write_all(EVENTS.as_bytes()).await.expect("there is room");
            for (i, word) in (1..).zip(WORDS) {
                sleep_until(start + PACE * i).await;
                let event = event(&format!("data: {word}\n\n"));
                stream.write_all(event.as_bytes()).await.expect("there is room");
            }
            answer += &event("event: end\ndata:\n\n");
            answer += "0\r\n\r\n";
        }
        stream.write_all(answer.as_bytes()).await.expect("there is room");
    }
}

/// The head of a request or an answer, with the empty line; nothing if the other side has left.
async fn read_head<S: AsyncBufReadExt + Unpin>(stream: &mut S) -> String {
    let mut head = String::new();
    while stream.read_line(&mut head).await.expect("the stream is whole") > 2 {}
    head
}

async fn read_body<S: AsyncBufReadExt + Unpin>(stream: &mut S, head: &str) -> String {
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    let length = length.map_or(0, |length| length.parse().expect("it is a number"));
    read_exactly(stream, length).await
}

async fn read_answer(stream: &mut BufReader<Tap>) -> String {
    let head = read_head(stream).await;
    read_body(stream, &head).await
}

/// One chunk of `Transfer-Encoding: chunked`; an empty one is the last.
async fn read_chunk(stream: &mut BufReader<Tap>) -> String {
    let mut size = String::new();
    stream.read_line(&mut size).await.expect("the stream is whole");
    let size = usize::from_str_radix(size.trim_end(), 16).expect("it is a number");
    let chunk = read_exactly(stream, size + 2).await;
    chunk.trim_end_matches("\r\n").to_string()
}

async fn read_exactly<S: AsyncReadExt + Unpin>(stream: &mut S, length: usize) -> String {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).await.expect("the stream is whole");
    String::from_utf8(bytes).expect("it is UTF-8")
}
