//! The client that reads.

use anyhow::Result;
use futures_util::StreamExt;
use level6::{Backoff, Event, Lost, Place, Seen, Subscribe};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::WebSocket;

use crate::{
    Answer, Client, Pulse, Request, Said, Shown,
    client::{look_after, send, understood},
};

impl<D: AsyncFnMut() -> Result<WebSocket, Lost>> Client<D> {
    /// Reads the log, from its newest `tail` lines on, over as many connections and servers as it
    /// takes: each line once, or it says how many are lost.
    ///
    /// # Errors
    /// Why it is in vain to try again; with `once`, why the connection was lost.
    pub async fn follow(mut self, tail: u64, mut show: impl FnMut(Shown)) -> Result<()> {
        let (mut place, every) = (Place::default(), self.pulse);
        let read = async |socket: &mut WebSocket, backoff: &mut Backoff, show: &mut _| {
            let mut pulse = Pulse::new(every);
            let after = place.log.is_some().then_some(place.last);
            let wish =
                Subscribe { log: place.log.clone(), after, tail: after.is_none().then_some(tail) };
            send(socket, Request::Subscribe(wish).encode(), every).await?;
            loop {
                let message = tokio::select! {
                    biased;
                    message = socket.next() => message,
                    beat = pulse.beat() => {
                        look_after(socket, beat, every).await?;
                        continue;
                    }
                };
                pulse.heard();
                if let Some(said) = understood(message)? {
                    if take(said, &mut place, tail, backoff, show) {
                        return Ok(());
                    }
                }
            }
        };
        self.persist(read, &mut show).await
    }
}

/// Takes what the server says. Whether that was the end.
fn take(
    said: Said,
    place: &mut Place,
    tail: u64,
    backoff: &mut Backoff,
    show: &mut impl FnMut(Shown),
) -> bool {
    let mut seen = |seen| show(Shown::Seen(seen));
    match said {
        Said::Event(Event::Hello { log, first, last, .. }) => {
            if place.log.is_none() {
                // From here on nothing may be missed, even if the connection breaks now.
                place.last = last.saturating_sub(tail).max(first.saturating_sub(1));
            } else if place.log.as_ref() != Some(&log) {
                place.last = 0;
                seen(Seen::Anew);
            }
            place.log = Some(log);
        }
        Said::Event(Event::Line { seq, text, stderr, .. }) => {
            // Only now: a server that greets and then fails would be asked at full speed.
            backoff.reset();
            if seq > place.last {
                place.skip_to(seq - 1, &mut seen);
                place.last = seq;
                seen(Seen::Line(text, stderr));
            }
        }
        Said::Event(Event::Gap { to, .. }) => place.skip_to(to, &mut seen),
        Said::Event(Event::End { status }) => {
            seen(Seen::End(status));
            return true;
        }
        Said::Answer(Answer::Notice { text, .. }) => show(Shown::Notice(text)),
        Said::Answer(_) | Said::Event(Event::Unknown) => {}
    }
    false
}

impl Request {
    /// The request as it goes over the wire.
    pub fn encode(&self) -> Message {
        // Plain data always becomes JSON.
        Message::text(serde_json::to_string(self).unwrap_or_default())
    }
}
