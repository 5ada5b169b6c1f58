//! A server that translates over plain HTTP, by polling and by server-sent events, and how its
//! clients read the answers.

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream, duplex},
    time::{Instant, sleep_until},
};

use crate::{
    byte_counts::{PACE, WORDS},
    heads::{CREATED, EVENTS, NOTHING_NEW, event, new_words},
    tap::{Gauge, Tap},
};

/// The client's end of a connection to a server that speaks just enough HTTP.
pub fn http_server() -> (BufReader<Tap>, Gauge) {
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
            answer += &CREATED;
        } else if head.starts_with("GET /translations/1") {
            let ready = (1..).zip(WORDS).filter(|(i, _)| start + PACE * *i <= Instant::now());
            let ready = ready.count();
            let mut words = WORDS[fetched..ready].concat();
            fetched = ready;
            if fetched == WORDS.len() {
                words += "\n";
            }
            answer += &if words.is_empty() { NOTHING_NEW.clone() } else { new_words(&words) };
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
pub async fn read_head<S: AsyncBufReadExt + Unpin>(stream: &mut S) -> String {
    let mut head = String::new();
    while stream.read_line(&mut head).await.expect("the stream is whole") > 2 {}
    head
}

async fn read_body<S: AsyncBufReadExt + Unpin>(stream: &mut S, head: &str) -> String {
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    let length = length.map_or(0, |length| length.parse().expect("it is a number"));
    read_exactly(stream, length).await
}

pub async fn read_answer(stream: &mut BufReader<Tap>) -> String {
    let head = read_head(stream).await;
    read_body(stream, &head).await
}

/// One chunk of `Transfer-Encoding: chunked`; an empty one is the last.
pub async fn read_chunk(stream: &mut BufReader<Tap>) -> String {
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
