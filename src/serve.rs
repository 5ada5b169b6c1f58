//! The server side: the accept loop of Level 1, made fit for use.

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_tungstenite::tungstenite::http::StatusCode;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Handler, answer::answer, capacity::MAX_REFUSALS, max_connections, say::all_said,
    serve_connection,
};

/// How long [`serve()`] waits for its connections to end once it is told to stop: 4 s.
pub const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(4);

/// How long accepting rests after a failure, as when the file descriptors have run out: 1 s.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

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
    let each = |stream, peer, stop| {
        let handler = handler.clone();
        async move {
            let ending = serve_connection(stream, &*handler, stop).await;
            ending.log(peer);
        }
    };
    serve_each(listener, shutdown, each).await;
}
// ANCHOR_END: serve

// ANCHOR: serve_each
/// The accept loop: a task for each connection, in which runs what `each` makes of the TCP stream,
/// the peer's address, and a token that is cancelled when the server stops.
///
/// It ends as [`serve()`] does. At most [`max_connections`] are open at once; one more is answered
/// with 503 (service unavailable).
pub async fn serve_each<F, Fut>(listener: TcpListener, shutdown: impl Future<Output = ()>, each: F)
where
    F: Fn(TcpStream, SocketAddr, CancellationToken) -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    let (connections, refusals) = (TaskTracker::new(), TaskTracker::new());
    let most = max_connections();
    let stop = CancellationToken::new();
    // If this future is dropped, its connections end, too.
    let _stop_on_drop = stop.clone().drop_guard();

    let let_in = |stream, peer| {
        if connections.len() < most {
            connections.spawn(each(stream, peer, stop.clone()));
            return;
        }
        log::debug!("{peer}: refused, there are {most} connections already");
        if refusals.len() < MAX_REFUSALS {
            refusals.spawn(refuse(stream));
        }
    };
    accept_each(listener, shutdown, let_in).await;

    stop.cancel();
    connections.close();
    if timeout(SHUTDOWN_DEADLINE, connections.wait()).await.is_err() {
        log::warn!("stopped; connections still open: {}", connections.len());
    }
    all_said().await;
}
// ANCHOR_END: serve_each

// ANCHOR: accept_each
/// Accepting alone: gives every TCP connection to `each`, until `shutdown` is ready. `each` waits
/// for nothing, or nobody else is accepted.
pub async fn accept_each(
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
    mut each: impl FnMut(TcpStream, SocketAddr),
) {
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
                each(stream, peer);
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
}
// ANCHOR_END: accept_each

/// Tells a client that there is no room. It has asked for a WebSocket, but the answer to that is
/// HTTP, so an HTTP status can say it.
async fn refuse(stream: TcpStream) {
    let headers = [("Retry-After", "5")];
    answer(stream, StatusCode::SERVICE_UNAVAILABLE, &headers, "All places are taken.\n").await;
}

/// Whether accepting failed for a client that is gone by now (and not for want of something here).
fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
