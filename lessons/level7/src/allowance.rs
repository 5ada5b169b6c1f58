//! How many bytes may come before a message ends.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{MAX_LOGIN, MAX_REQUEST, MAX_TEXT, Role};

/// What surrounds a control frame's payload, at most, in bytes.
const HEAD: usize = 14;

/// How many more bytes a client may send before its message ends.
///
/// The limit for a message counts what is in it, and that for messages counts those that have
/// ended. A message in a million empty frames, and no last one (section 5.4), is below both, and
/// keeps a processor busy.
#[derive(Clone, Debug)]
pub struct Allowance(Arc<AtomicUsize>);

impl Allowance {
    /// How many bytes a client that may do so much needs for its next message.
    pub fn of(role: Option<Role>) -> usize {
        match role {
            // Twice the longest message: frames have heads, and some of the next is read along.
            None => 2 * MAX_LOGIN,
            Some(Role::Writer) => 2 * MAX_REQUEST,
            // It says little. But one that publishes a line is to hear that it may not.
            Some(Role::Reader) => MAX_TEXT + MAX_LOGIN,
        }
    }

    /// So many bytes for the next message, with its frames' heads and whatever of the one after it
    /// is read along with it.
    pub fn renew(&self, bytes: usize) {
        self.0.store(bytes, Relaxed);
    }

    /// A control frame may stand between a message's frames. It is not a part of it.
    pub fn without_control(&self, payload: usize) {
        self.0.fetch_add(payload.min(125) + HEAD, Relaxed);
    }

    /// Whether more has come than was allowed.
    pub fn is_spent(&self) -> bool {
        self.0.load(Relaxed) == 0
    }

    fn spend(&self, bytes: usize) {
        // One task reads, and the same task renews: nothing comes between.
        self.0.store(self.0.load(Relaxed).saturating_sub(bytes), Relaxed);
    }
}

impl Default for Allowance {
    /// Without a bound, or nearly so.
    fn default() -> Allowance {
        Allowance(Arc::new(AtomicUsize::new(usize::MAX / 2)))
    }
}

/// A stream of which no more is read than allowed.
#[derive(Debug)]
pub struct Bounded<S>(pub S, pub Allowance);

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.0).poll_read(context, buffer))?;
        self.1.spend(buffer.filled().len() - before);
        Poll::Ready(match self.1.is_spent() {
            true => Err(io::Error::other("a message that does not end")),
            false => Ok(()),
        })
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
