//! Readers, as cheap as can be: they look at frames, and seldom into them.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Notify,
    task::JoinSet,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, pki_types::ServerName},
};
use websocket_streaming::ByteStream;

/// How many connections may be opening at once.
const CONCURRENT: usize = 50;

/// Of so many lines a reader looks at the time in one.
const SAMPLE: usize = 16;

const SUBSCRIBE: &str = r#"{"type":"subscribe","tail":0}"#;

/// How a server is reached.
#[derive(Clone)]
pub struct Way {
    pub address: String,
    pub tls: Option<Arc<ClientConfig>>,
    pub headers: String,
}

impl Way {
    /// Connects, up to the answer to the handshake.
    async fn open(&self) -> Result<Box<dyn ByteStream>> {
        let stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        let mut stream: Box<dyn ByteStream> = match &self.tls {
            None => Box::new(stream),
            Some(config) => {
                let name = ServerName::try_from("localhost")?;
                Box::new(TlsConnector::from(config.clone()).connect(name, stream).await?)
            }
        };
        let request = format!(
            "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{}\r\n",
            self.headers
        );
        stream.write_all(request.as_bytes()).await?;
        // With TLS, what is written may wait for this.
        stream.flush().await?;
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            ensure!(stream.read(&mut byte).await? == 1, "the server hung up");
            head.extend(byte);
        }
        ensure!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
        Ok(stream)
    }

    async fn subscribe(&self) -> Result<Box<dyn ByteStream>> {
        let mut stream = self.open().await?;
        // A frame whose mask is zero, and so changes nothing.
        let mut frame = vec![0x81, 0x80 | SUBSCRIBE.len() as u8, 0, 0, 0, 0];
        frame.extend(SUBSCRIBE.bytes());
        stream.write_all(&frame).await?;
        stream.flush().await?;
        // The hello: it is there when the server has understood.
        let mut header = [0; 2];
        stream.read_exact(&mut header).await?;
        let mut hello = vec![0; usize::from(header[1])];
        stream.read_exact(&mut hello).await?;
        Ok(stream)
    }
}

/// Makes so many connections, and drops each. How long that took.
pub async fn shake_hands(way: &Way, count: usize) -> Result<Duration> {
    let start = Instant::now();
    let opening = (0..count).map(|_| async { way.open().await.map(drop) });
    stream::iter(opening).buffer_unordered(CONCURRENT).try_collect::<()>().await?;
    Ok(start.elapsed())
}

/// Readers that read all that comes.
pub struct Crowd {
    seen: Arc<Seen>,
    readers: usize,
    _reading: JoinSet<Result<()>>,
}

/// What all readers have seen together.
struct Seen {
    start: Instant,
    lines: AtomicUsize,
    wanted: AtomicUsize,
    reached: Notify,
    /// In microseconds.
    lateness: Mutex<Vec<u32>>,
}

impl Crowd {
    pub async fn connect(way: &Way, readers: usize) -> Result<Crowd> {
        let seen = Arc::new(Seen {
            start: Instant::now(),
            lines: AtomicUsize::new(0),
            wanted: AtomicUsize::new(usize::MAX),
            reached: Notify::new(),
            lateness: Mutex::new(Vec::new()),
        });
        let dialing = (0..readers).map(|_| way.subscribe());
        let streams = stream::iter(dialing).buffer_unordered(CONCURRENT);
        let streams: Vec<_> = streams.try_collect().await?;
        let mut reading = JoinSet::new();
        for (index, stream) in streams.into_iter().enumerate() {
            reading.spawn(read(stream, index, seen.clone()));
        }
        Ok(Crowd { seen, readers, _reading: reading })
    }

    pub fn len(&self) -> usize {
        self.readers
    }

    /// How many lines have come, to all readers together.
    pub fn count(&self) -> usize {
        self.seen.lines.load(Relaxed)
    }

    /// A line of about so many bytes, with the time in it.
    pub fn line(&self, size: usize) -> String {
        format!("{:012} {}\n", self.seen.start.elapsed().as_micros(), "x".repeat(size - 14))
    }

    /// Waits until so many lines have come, to all readers together.
    pub async fn has(&self, lines: usize) {
        self.seen.wanted.store(lines, Relaxed);
        while self.count() < lines {
            self.seen.reached.notified().await;
        }
    }

    pub fn forget_lateness(&self) {
        self.seen.lateness.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// In milliseconds.
    pub fn lateness(&self, quantile: f64) -> f64 {
        let mut all = self.seen.lateness.lock().unwrap_or_else(PoisonError::into_inner);
        all.sort_unstable();
        let index = (all.len().saturating_sub(1) as f64 * quantile) as usize;
        all.get(index).map_or(f64::NAN, |micros| f64::from(*micros) / 1000.0)
    }
}

/// Counts lines, and answers pings: a client that does not is taken for dead.
async fn read(mut stream: Box<dyn ByteStream>, index: usize, seen: Arc<Seen>) -> Result<()> {
    let mut bytes = Vec::with_capacity(1024);
    let mut count = index;
    loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
        let (mut at, before) = (0, count);
        while let Some((length, payload)) = frame(&bytes[at..]) {
            if bytes[at] == 0x81 {
                if count % SAMPLE == 0 {
                    look(payload, &seen).context("a time is in every line")?;
                }
                count += 1;
            } else {
                stream.write_all(&[0x8a, 0x80, 0, 0, 0, 0]).await?;
                stream.flush().await?;
            }
            at += length;
        }
        bytes.drain(..at);
        let lines = seen.lines.fetch_add(count - before, Relaxed) + count - before;
        if lines >= seen.wanted.load(Relaxed) {
            seen.reached.notify_one();
        }
    }
}

/// The length of the first frame, and its payload, if it has come as a whole.
fn frame(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (head, length) = match *bytes.get(1)? {
        126 => (4, usize::from(u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]))),
        short => (2, usize::from(short)),
    };
    Some((head + length, bytes.get(head..head + length)?))
}

/// Notes how late this line is.
fn look(payload: &[u8], seen: &Seen) -> Option<()> {
    const KEY: &[u8] = br#""text":""#;
    let at = payload.windows(KEY.len()).position(|it| it == KEY)? + KEY.len();
    let micros: u64 = std::str::from_utf8(payload.get(at..at + 12)?).ok()?.parse().ok()?;
    let late = seen.start.elapsed().saturating_sub(Duration::from_micros(micros));
    let mut all = seen.lateness.lock().unwrap_or_else(PoisonError::into_inner);
    all.push(late.as_micros().min(u128::from(u32::MAX)) as u32);
    Some(())
}
