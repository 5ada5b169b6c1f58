//! What a crowd of readers sees: they look at frames, and seldom into them.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::Notify,
    task::JoinSet,
};

/// Of so many lines a reader looks at the time in one.
const SAMPLE: usize = 16;

/// How the frame of a whole text message begins.
const TEXT: u8 = 0x81;

/// The answer to a ping: a frame whose mask is zero.
const PONG: [u8; 6] = [0x8a, 0x80, 0, 0, 0, 0];

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
    /// Reads from these connections, which have subscribed.
    pub fn of<S>(streams: Vec<S>) -> Crowd
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let seen = Arc::new(Seen {
            start: Instant::now(),
            lines: AtomicUsize::new(0),
            wanted: AtomicUsize::new(usize::MAX),
            reached: Notify::new(),
            lateness: Mutex::new(Vec::new()),
        });
        let (readers, mut reading) = (streams.len(), JoinSet::new());
        for (index, stream) in streams.into_iter().enumerate() {
            reading.spawn(read(stream, index, seen.clone()));
        }
        Crowd { seen, readers, _reading: reading }
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
async fn read<S>(mut stream: S, index: usize, seen: Arc<Seen>) -> Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut bytes = Vec::with_capacity(4096);
    let mut count = index;
    loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
        let (mut at, before) = (0, count);
        while let Some((length, payload)) = frame(&bytes[at..]) {
            if bytes[at] == TEXT {
                if count % SAMPLE == 0 {
                    look(payload, &seen).context("a time is in every line")?;
                }
                count += 1;
            } else {
                stream.write_all(&PONG).await?;
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
