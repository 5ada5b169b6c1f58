//! What all connections of a server share, and the server's life.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{net::TcpListener, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use websocket_streaming::{CLOSE_DEADLINE, accept_each, all_said};

use crate::{Full, Gauges, Guesses, Journal, Keep, Metrics, Place, Places, Settings};

/// How many may be at the door from one address, even where it may have fewer connections: a
/// browser asks for all files of a page at once.
const PAGES_AT_ONCE: usize = 16;

/// A server, and what its connections share.
#[derive(Debug)]
pub struct Live<K> {
    /// What keeps the lines.
    pub keep: K,
    /// What it was told at its start.
    pub settings: Settings,
    /// What it has counted.
    pub metrics: Metrics,
    pub(crate) journal: Journal,
    pub(crate) places: Arc<Places>,
    pub(crate) door: Arc<Places>,
    pub(crate) guesses: Guesses,
    /// Cancelled when it was told to stop: it is not ready any more, and says its goodbyes.
    pub(crate) leaving: CancellationToken,
}

impl<K: Keep> Live<K> {
    /// A server that does not listen yet.
    pub fn new(keep: K, settings: Settings) -> Arc<Live<K>> {
        Arc::new(Live {
            keep,
            metrics: Metrics::default(),
            journal: Journal::default(),
            places: Places::new(settings.connections, settings.per_address),
            door: Places::new(settings.at_the_door, settings.per_address.max(PAGES_AT_ONCE)),
            guesses: Guesses::new(settings.wrong_tokens),
            leaving: CancellationToken::new(),
            settings,
        })
    }

    // ANCHOR: serve
    /// Serves until `shutdown` is ready, and then says goodbye.
    ///
    /// From then on `/readyz` says 503, and whoever comes is told to go elsewhere. Those who are
    /// there are closed with 1001, each at a moment of its own within [`Settings::goodbye`]: did
    /// ten thousand leave in one instant, they would come to the next server in one instant.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let connections = TaskTracker::new();
        let end = CancellationToken::new();
        // If this future is dropped, its connections end, too: those that are being let in, and
        // those that were.
        let _end_on_drop = (end.clone().drop_guard(), self.leaving.clone().drop_guard());
        let stopping = async {
            shutdown.await;
            log::info!("told to stop: {} connections to say goodbye to", self.places.taken());
            self.leaving.cancel();
            connections.close();
            // It still listens: a health check that gets no answer looks like a crash.
            let _ = timeout(self.settings.goodbye, connections.wait()).await;
        };
        accept_each(listener, stopping, |stream, peer: SocketAddr| {
            // More than so many slow handshakes would cost memory and files. No words are lost on
            // them: with TLS, even a refusal is work.
            let Ok(at_the_door) = self.place_at_the_door(peer.ip()) else {
                return Metrics::count(&self.metrics.dropped_at_the_door);
            };
            connections.spawn(self.clone().connection(stream, peer, at_the_door, end.clone()));
        })
        .await;
        end.cancel();
        let patience = CLOSE_DEADLINE + Duration::from_secs(1);
        if timeout(patience, connections.wait()).await.is_err() {
            log::warn!("stopped; connections still open: {}", connections.len());
        }
        log::info!("stopped");
        all_said().await;
    }
    // ANCHOR_END: serve

    /// One address has no more places at the door than for connections, or it could take them all,
    /// and keep everybody else out. All come from a proxy's.
    fn place_at_the_door(&self, peer: IpAddr) -> Result<Place, Full> {
        match &self.settings.proxies {
            Some(proxies) if proxies.include(peer) => self.door.take_up_to(usize::MAX, peer),
            _ => self.door.take(peer),
        }
    }

    /// Whether new connections are welcome.
    pub fn is_ready(&self) -> bool {
        !self.leaving.is_cancelled() && self.keep.state().borrow().live
    }

    pub(crate) fn gauges(&self) -> Gauges {
        let log = self.keep.state().borrow().log.clone();
        Gauges {
            connections: self.places.taken(),
            readers: log.readers(),
            last_line: log.last(),
            delivered: log.delivered(),
            ready: self.is_ready(),
        }
    }
}
