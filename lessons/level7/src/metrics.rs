//! Is it well? Numbers for a monitoring system, in Prometheus' text form.

use std::{
    fmt::Write,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// Declares a counter for each name, and how all of them are written.
macro_rules! counters {
    ($($name:ident: $help:literal,)*) => {
        /// What is counted since the start. Numbers only: no address, no id, no token.
        #[derive(Debug, Default)]
        pub struct Metrics {
            $(#[doc = $help] pub $name: AtomicU64,)*
        }

        impl Metrics {
            fn counters(&self) -> Vec<(&'static str, &'static str, u64)> {
                vec![$((stringify!($name), $help, self.$name.load(Relaxed)),)*]
            }
        }
    };
}

counters! {
    accepted: "Connections that became a WebSocket.",
    dropped_at_the_door: "Connections that were dropped since too many were at the door.",
    no_handshake: "Connections that never sent a whole request, TLS included.",
    refused_origin: "Handshakes refused with 403: a page of another site.",
    refused_token: "Handshakes refused with 401, and logins closed with 4401.",
    refused_guesses: "Handshakes refused with 429, and logins closed with 1013: too many wrong tokens.",
    refused_full: "Handshakes refused with 503: all places are taken.",
    refused_address: "Handshakes refused with 429: too many from one address.",
    closed_silent: "Connections closed since their client was silent.",
    closed_slow: "Connections closed since their client took nothing.",
    closed_flood: "Connections closed with 1008: too many messages a second, or too long a one.",
    published: "Lines that were acknowledged.",
    not_kept: "Lines that could not be kept.",
}

/// What is so at this moment.
#[derive(Clone, Copy, Debug)]
pub struct Gauges {
    /// Open WebSockets.
    pub connections: usize,
    /// Those that read the log.
    pub readers: usize,
    /// The number of the newest line.
    pub last_line: u64,
    /// Lines that were sent to readers, all together.
    pub delivered: u64,
    /// Whether this server is ready for new connections.
    pub ready: bool,
}

impl Metrics {
    /// One more.
    pub fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Relaxed);
    }

    /// All of them, as `/metrics` shows them.
    pub fn text(&self, now: Gauges) -> String {
        let mut text = String::new();
        let mut add = |kind, name: &str, help, value: u64| {
            // A string takes all that is written to it.
            let _ = writeln!(
                text,
                "# HELP live_{name} {help}\n# TYPE live_{name} {kind}\nlive_{name} {value}"
            );
        };
        add("gauge", "connections", "Open WebSockets.", now.connections as u64);
        add("gauge", "readers", "Connections that read the log.", now.readers as u64);
        add("gauge", "last_line", "The number of the newest line.", now.last_line);
        add("gauge", "ready", "Whether new connections are welcome.", u64::from(now.ready));
        add("counter", "delivered_total", "Lines sent to readers.", now.delivered);
        for (name, help, value) in self.counters() {
            add("counter", &format!("{name}_total"), help, value);
        }
        text
    }
}
