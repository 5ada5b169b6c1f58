//! The client that reads.

use anyhow::Result;
use futures_util::StreamExt;
use level6::{Backoff, Lost, Place, Subscribe};
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
    pub async fn follow<S>(mut self, tail: u64, mut show: S) -> Result<()>
    where
        S: FnMut(Shown),
    {
        let (mut place, every) = (Place::default(), self.pulse);
        let read = async |socket: &mut WebSocket, backoff: &mut Backoff, show: &mut S| {
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
                match understood(message)? {
                    Some(Said::Event(event)) => {
                        let mut seen = |seen| show(Shown::Seen(seen));
                        if place.take(event, tail, backoff, &mut seen) {
                            return Ok(());
                        }
                    }
                    Some(Said::Answer(Answer::Notice { text, .. })) => show(Shown::Notice(text)),
                    Some(Said::Answer(_)) | None => {}
                }
            }
        };
        self.persist(read, &mut show).await
    }
}

impl Request {
    /// The request as it goes over the wire.
    pub fn encode(&self) -> Message {
        // Plain data always becomes JSON.
        Message::text(serde_json::to_string(self).unwrap_or_default())
    }
}
