//! The client that publishes.

use std::time::Duration;

use anyhow::Result;
use futures_util::StreamExt;
use level6::{Backoff, Lost};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use websocket_streaming::WebSocket;

use crate::{
    Answer, Client, Outbox, Pulse, Said, Shown,
    client::{look_after, send, understood},
};

impl<D: AsyncFnMut() -> Result<WebSocket, Lost>> Client<D> {
    /// Publishes the lines that come, at most `rate` a second, until there are no more and each is
    /// acknowledged; over as many connections and servers as it takes, each line once.
    ///
    /// # Errors
    /// Why it is in vain to try again; with `once`, why the connection was lost.
    pub async fn publish(
        mut self,
        mut lines: mpsc::Receiver<String>,
        mut outbox: Outbox,
        rate: u32,
        mut show: impl FnMut(Shown),
    ) -> Result<()> {
        let (every, jitter) = (self.pulse, self.jitter);
        let gap = Duration::from_secs(1) / rate;
        let mut is_over = false;
        let write = async |socket: &mut WebSocket, backoff: &mut Backoff, show: &mut _| {
            let mut pulse = Pulse::new(every);
            outbox.send_all_again();
            let mut next = Instant::now();
            while !(is_over && outbox.is_empty()) {
                tokio::select! {
                    biased;
                    message = socket.next() => {
                        pulse.heard();
                        let Some(said) = understood(message)? else { continue };
                        if settle(said, &mut outbox, backoff, show) {
                            // The server cannot keep lines now. All of them again, later.
                            outbox.send_all_again();
                            if next <= Instant::now() + gap {
                                next = Instant::now() + jitter(backoff.next_limit());
                            }
                        }
                    }
                    beat = pulse.beat() => look_after(socket, beat, every).await?,
                    () = sleep_until(next), if outbox.has_unsent() => {
                        if let Some(line) = outbox.next_to_send() {
                            send(socket, line.encode(), every).await?;
                        }
                        next = next.max(Instant::now() - gap) + gap;
                    }
                    line = lines.recv(), if outbox.has_room() && !is_over => match line {
                        Some(line) => outbox.push(line),
                        None => is_over = true,
                    },
                }
            }
            Ok(())
        };
        self.persist(write, &mut show).await
    }
}

/// Takes what the server says. Whether lines are to be sent again, later.
fn settle(
    said: Said,
    outbox: &mut Outbox,
    backoff: &mut Backoff,
    show: &mut impl FnMut(Shown),
) -> bool {
    match said {
        Said::Answer(Answer::Published { id, seq }) => {
            backoff.reset();
            if outbox.settle(&id).is_some() {
                show(Shown::Kept(seq));
            }
        }
        Said::Answer(Answer::Error { again: true, .. }) => return true,
        Said::Answer(Answer::Error { id: Some(id), reason, .. }) => {
            if let Some(text) = outbox.settle(&id) {
                show(Shown::Refused(text, reason));
            }
        }
        Said::Answer(Answer::Notice { text, .. }) => show(Shown::Notice(text)),
        // A writer does not read.
        Said::Answer(Answer::Error { id: None, .. }) | Said::Event(_) => {}
    }
    false
}
