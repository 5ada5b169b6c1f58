//! A connection in memory, with a gate. While it is shut, our side reads nothing, and nothing fits
//! between the two. While it swallows, nothing of what our side sends arrives, and nobody is told.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, duplex};

/// What fits between the two while the gate is open, in bytes.
const PIPE: usize = 64 * 1024;

/// The learner's end. On a real connection some megabytes would fit between the two before a
/// `send` waits; here, while the gate is shut, not a byte.
pub struct Gated {
    pub stream: DuplexStream,
    gate: Gate,
}

/// Our end.
pub struct Ours {
    stream: DuplexStream,
    gate: Gate,
}

/// Whether our side reads, and whether what it sends arrives.
#[derive(Clone, Default)]
pub struct Gate(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    shut: bool,
    swallows: bool,
    waits: Option<Waker>,
}

/// Both ends of a connection, ours and the learner's, and what opens and shuts the gate.
pub fn gated() -> (Ours, Gated, Gate) {
    let (ours, stream) = duplex(PIPE);
    let gate = Gate::default();
    (Ours { stream: ours, gate: gate.clone() }, Gated { stream, gate: gate.clone() }, gate)
}

impl Gate {
    pub fn shut(&self) {
        self.state().shut = true;
    }

    pub fn open(&self) {
        let mut state = self.state();
        state.shut = false;
        if let Some(waker) = state.waits.take() {
            waker.wake();
        }
    }

    /// As when a network takes all that is given to it, and delivers nothing.
    pub fn swallow(&self, all: bool) {
        self.state().swallows = all;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsyncRead for Gated {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Gated {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut state = self.gate.state();
        if state.shut {
            state.waits = Some(context.waker().clone());
            return Poll::Pending;
        }
        drop(state);
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl AsyncRead for Ours {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Ours {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.gate.state().swallows {
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
