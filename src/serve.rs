//! The server side: the accept loop of Level 1, made fit for use.

use std::{future::pending, io, pin::pin, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use tokio::{
    net::TcpListener,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{Handler, serve_connection};

/// How long [`serve()`] waits for its connections to end once it is told to stop: 4 s.
pub const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(4);

/// How long accepting rests after a failure, as when the file descriptors have run out: 1 s.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

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
