//! A byte stream that keeps a copy of all that passes.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

/// What has passed so far, seen from the tapped end.
#[derive(Clone, Default)]
pub struct Passed {
    pub sent: Vec<u8>,
    pub received: Vec<u8>,
}

pub struct Tap {
    stream: DuplexStream,
    passed: Arc<Mutex<Passed>>,
}

/// The reading of a tap. It outlives the stream.
#[derive(Clone)]
pub struct Gauge(Arc<Mutex<Passed>>);

impl Gauge {
    pub fn read(&self) -> Passed {
        self.0.lock().expect("nobody panics with it in hand").clone()
    }

    /// How many bytes, in both directions.
    pub fn total(&self) -> usize {
        let passed = self.0.lock().expect("nobody panics with it in hand");
        passed.sent.len() + passed.received.len()
    }
}

impl Tap {
    pub fn new(stream: DuplexStream) -> (Tap, Gauge) {
        let passed = Arc::new(Mutex::default());
        (Tap { stream, passed: Arc::clone(&passed) }, Gauge(passed))
    }

    fn record(&self, write: impl FnOnce(&mut Passed)) {
        write(&mut self.passed.lock().expect("nobody panics with it in hand"));
    }
}

impl AsyncRead for Tap {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        self.record(|passed| passed.received.extend_from_slice(&buf.filled()[before..]));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Tap {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, buf))?;
        self.record(|passed| passed.sent.extend_from_slice(&buf[..written]));
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
