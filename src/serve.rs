//! The server side: the accept loop of Level 1, made fit for use.

use std::{
    future::pending, io, net::SocketAddr, panic::AssertUnwindSafe, pin::pin, sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};
use futures_util::FutureExt;
use tokio::{
    net::TcpListener,
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    accept_async_with_config, tungstenite::protocol::frame::coding::CloseCode,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    ByteStream, CloseWith, WebSocket, close,
    close::{close_for_error, close_for_failure, peer_left},
    config,
};

/// How long a client may take for its handshake: 10 s.
pub const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(10);

/// How long [`serve()`] waits for its connections to end once it is told to stop: 4 s.
pub const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(4);

/// How long accepting rests after a failure, as when the file descriptors have run out: 1 s.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

// ANCHOR: Handler
/// What speaks on one connection: any `async fn(&mut WebSocket) -> anyhow::Result<()>`.
///
/// What it returns decides how the connection is closed (section 7.4.1):
///
/// | the handler | close code |
/// |---|---|
/// | returns `Ok` | 1000, normal closure |
/// | returns [`CloseWith`] | the one that it names |
/// | passes on a read error with `?` | 1002, 1007 or 1009, as the error says |
/// | returns any other error, or panics | 1011, internal error |
/// | is still running when the server stops | 1001, going away |
///
/// In the last case it is dropped at the `.await` where it stands.
///
/// A read error is known by its type. One of *another* socket, such as that of a server behind
/// this one, must lose its type on the way, or it is taken for the client's:
/// `.map_err(|error| anyhow!("upstream: {error}"))`.
///
/// A handler with state is a type of its own that implements this trait; `Counter` in
/// `tests/library.rs` is one.
pub trait Handler: Send + Sync + 'static {
    /// Speaks on one connection, from its handshake on.
    fn handle(&self, socket: &mut WebSocket) -> impl Future<Output = Result<()>> + Send;
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

/// Listens on `address` (port 0 lets the system choose), and says so on standard output.
///
/// # Errors
/// If the address is not one, or is taken: one line that says what to do.
pub async fn listen(address: &str) -> Result<TcpListener> {
    let listener = match TcpListener::bind(address).await {
        Ok(listener) => listener,
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => anyhow::bail!(
            "cannot listen on {address}: the port is taken; stop the program that holds it, \
             or choose another port: 127.0.0.1:0 takes any that is free"
        ),
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => anyhow::bail!(
            "cannot listen on {address}: {error}; an address looks like 127.0.0.1:8765"
        ),
        Err(error) => anyhow::bail!("cannot listen on {address}: {error}"),
    };
    let address = listener.local_addr().context("the listener has no address")?;
    println!("Listening on ws://{address}");
    Ok(listener)
}

// ANCHOR: serve
/// Serves every connection with `handler`, each in a task of its own, until `shutdown` is ready.
///
/// Then it accepts no more, closes what is open with code 1001 (going away), waits
/// [`SHUTDOWN_DEADLINE`] at most for the clients' answers, and returns. No failure of a single
/// connection, nor of accepting one, ends it earlier.
pub async fn serve<H>(listener: TcpListener, handler: H, shutdown: impl Future<Output = ()>)
where
    H: Handler,
{
    let handler = Arc::new(handler);
    let connections = TaskTracker::new();
    let stop = CancellationToken::new();
    // If this future is dropped, its connections end, too.
    let _stop_on_drop = stop.clone().drop_guard();
    let mut shutdown = pin!(shutdown);

    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                // Chunks leave at once, without Nagle's algorithm (see `connect`). This fails only
                // if the client is gone, and then its handshake will notice.
                let _ = stream.set_nodelay(true);
                let (handler, stop) = (handler.clone(), stop.clone());
                connections.spawn(async move {
                    let ending = serve_connection(stream, &*handler, stop).await;
                    ending.log(peer);
                });
            }
            // A client that left before we answered: nothing is wrong here.
            Err(error) if is_the_clients(&error) => {}
            // Out of file descriptors, most likely. Trying again at once would fail again, and
            // fill a processor and the log.
            Err(error) => {
                log::error!("cannot accept a connection: {error}");
                tokio::select! {
                    () = sleep(ACCEPT_PAUSE) => {}
                    () = &mut shutdown => break,
                }
            }
        }
    }

    drop(listener);
    stop.cancel();
    connections.close();
    if timeout(SHUTDOWN_DEADLINE, connections.wait()).await.is_err() {
        log::warn!("stopped; connections still open: {}", connections.len());
    }
}
// ANCHOR_END: serve

/// Whether accepting failed for a client that is gone by now (and not for want of something here).
fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

// ANCHOR: serve_connection
/// Serves one connection over `stream`, whatever it runs over, from its handshake to its close.
/// Cancelling `stop` closes it with code 1001.
///
/// [`serve()`] does this for every TCP connection. A test does it over a pipe in memory, where
/// time can be virtual and a transcript exact.
pub async fn serve_connection<S, H>(stream: S, handler: &H, stop: CancellationToken) -> Ending
where
    S: ByteStream + 'static,
    H: Handler,
{
    let stream: Box<dyn ByteStream> = Box::new(stream);
    let handshake = timeout(HANDSHAKE_DEADLINE, accept_async_with_config(stream, Some(config())));
    let mut socket = tokio::select! {
        socket = handshake => match socket {
            Ok(Ok(socket)) => socket,
            Ok(Err(error)) => return Ending::NoHandshake(error.to_string()),
            Err(_elapsed) => return Ending::NoHandshake("no request in time".into()),
        },
        () = stop.cancelled() => return Ending::Stopped,
    };

    // What a panic has left in pieces is not used again: the handler is dropped, and the socket
    // serves only to say goodbye.
    let speaking = AssertUnwindSafe(async { handler.handle(&mut socket).await }).catch_unwind();
    let ending = tokio::select! {
        outcome = speaking => match outcome {
            Ok(Ok(())) => Ending::Complete,
            Ok(Err(error)) if peer_left(&error) => Ending::ClientLeft(error),
            Ok(Err(error)) => Ending::Failed(error),
            Err(_panic) => Ending::Panicked,
        },
        () = stop.cancelled() => Ending::Stopped,
    };
    close(&mut socket, ending.close_with()).await;
    ending
}
// ANCHOR_END: serve_connection

/// How a connection ended.
#[derive(Debug)]
pub enum Ending {
    /// The client never became one: silence, noise, or a request for something else.
    NoHandshake(String),
    /// The handler said all that it had to say.
    Complete,
    /// The client left while the handler was still speaking.
    ClientLeft(anyhow::Error),
    /// The handler returned an error.
    Failed(anyhow::Error),
    /// The handler panicked.
    Panicked,
    /// The server was told to stop.
    Stopped,
}

impl Ending {
    fn close_with(&self) -> CloseWith {
        match self {
            Ending::Complete => CloseWith::normal(),
            Ending::Stopped => CloseWith::new(CloseCode::Away, "the server is shutting down"),
            Ending::Failed(error) | Ending::ClientLeft(error) => close_for_error(error),
            Ending::NoHandshake(_) | Ending::Panicked => close_for_failure(),
        }
    }

    /// One line a connection, and an error only where the fault is ours.
    fn log(&self, peer: SocketAddr) {
        match self {
            Ending::NoHandshake(reason) => log::debug!("{peer}: no handshake: {reason}"),
            Ending::Complete => log::debug!("{peer}: complete"),
            Ending::ClientLeft(error) => log::debug!("{peer}: the client left: {error}"),
            Ending::Failed(error) if self.close_with().code == CloseCode::Error => {
                log::error!("{peer}: the handler failed: {error:#}");
            }
            Ending::Failed(error) => log::debug!("{peer}: {error:#}"),
            Ending::Panicked => log::error!("{peer}: the handler panicked"),
            Ending::Stopped => log::debug!("{peer}: the server is shutting down"),
        }
    }
}

/// Ready at Ctrl-C or, on Unix, at SIGTERM, which is how service managers ask a process to stop;
/// on Windows, when the console is closed.
///
/// It needs a thread of the runtime to notice: while handlers block all of them, nothing but
/// `kill -9` ends the program.
///
/// Listens for them from the call on, not only from the first `.await`. So call it before
/// [`listen`]: who sees that line may stop the server at once.
pub fn shutdown_signal() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let (interrupt, terminate) = {
        use tokio::signal::unix::{SignalKind, signal};
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    };
    #[cfg(windows)]
    let (interrupt, terminate) =
        (tokio::signal::windows::ctrl_c(), tokio::signal::windows::ctrl_close());

    async move {
        // One that cannot be caught ends the process by itself, as it does by default.
        let interrupted = async {
            match interrupt {
                Ok(mut signal) => signal.recv().await,
                Err(_) => pending().await,
            }
        };
        let terminated = async {
            match terminate {
                Ok(mut signal) => signal.recv().await,
                Err(_) => pending().await,
            }
        };
        tokio::select! {
            _ = interrupted => {}
            _ = terminated => {}
        }
    }
}
