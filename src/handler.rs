//! What a server does with a connection: any async function that takes a [`WebSocket`].

use anyhow::Result;
use tokio_tungstenite::tungstenite::handshake::server::Request;

use crate::{MAX_MESSAGE_SIZE, Page, WebSocket, is_from_here};

// ANCHOR: Handler
/// What speaks on one connection: any `async fn(&mut WebSocket) -> anyhow::Result<()>`.
///
/// What it returns decides how the connection is closed (section 7.4.1):
///
/// | the handler | close code |
/// |---|---|
/// | returns `Ok` | 1000, normal closure |
/// | returns [`CloseWith`](crate::CloseWith) | the one that it names |
/// | passes on a read error with `?` | 1002, 1007 or 1009, as the error says |
/// | returns any other error, or panics | 1011, internal error |
/// | is still running when the server stops | 1001, going away |
///
/// In the last case it is dropped at the `.await` where it stands.
///
/// A read error is known by its type. One of *another* socket, such as that of a server behind
/// this one, must lose its type on the way, or it is taken for the client's:
/// `.map_err(upstream)`, see [`upstream`](crate::upstream).
///
/// A handler with state is a type of its own that implements this trait; `Counter` in
/// `tests/library/handlers.rs` is one.
pub trait Handler: Send + Sync + 'static {
    /// Speaks on one connection, from its handshake on.
    fn handle(&self, socket: &mut WebSocket) -> impl Future<Output = Result<()>> + Send;

    /// The longest message that is read, in bytes. A longer one gets close code 1009.
    fn max_message_size(&self) -> usize {
        MAX_MESSAGE_SIZE
    }

    /// Which requests may become a WebSocket; 403 for the others. By default those of programs and of
    /// pages of this machine ([`is_from_here`]). Waits for nothing.
    fn lets_in(&self, request: &Request) -> bool {
        is_from_here(request)
    }

    /// What a browser gets on the same port, by path; 404 for every other path. Without any pages,
    /// it is told that this is a WebSocket server (426).
    fn pages(&self) -> &[Page] {
        &[]
    }
}
// ANCHOR_END: Handler

/// An `async fn` is a handler. (Stable Rust can say of a function that its future is `Send` only
/// by giving the future a name, which is what this trait is for.)
pub trait SocketFn<'a>: Fn(&'a mut WebSocket) -> Self::Future {
    /// The future that the function returns.
    type Future: Future<Output = Result<()>> + Send + 'a;
}

impl<'a, F, Fut> SocketFn<'a> for F
where
    F: Fn(&'a mut WebSocket) -> Fut,
    Fut: Future<Output = Result<()>> + Send + 'a,
{
    type Future = Fut;
}

impl<F: for<'a> SocketFn<'a> + Send + Sync + 'static> Handler for F {
    async fn handle(&self, socket: &mut WebSocket) -> Result<()> {
        self(socket).await
    }
}

/// `handler`, for messages of at most `bytes`: what one client may send bounds what it can make us
/// keep.
pub fn at_most<H: Handler>(bytes: usize, handler: H) -> impl Handler {
    AtMost { bytes, handler }
}

struct AtMost<H> {
    bytes: usize,
    handler: H,
}

impl<H: Handler> Handler for AtMost<H> {
    async fn handle(&self, socket: &mut WebSocket) -> Result<()> {
        self.handler.handle(socket).await
    }

    fn max_message_size(&self) -> usize {
        self.bytes
    }

    fn lets_in(&self, request: &Request) -> bool {
        self.handler.lets_in(request)
    }

    fn pages(&self) -> &[Page] {
        self.handler.pages()
    }
}
