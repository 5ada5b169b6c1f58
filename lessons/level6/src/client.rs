//! The client: it follows a log, and comes back when the connection is lost.

use std::time::Duration;

use anyhow::{Result, bail};
use futures_util::SinkExt;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{CloseWith, ConnectError, WebSocket, close};

use crate::{
    Backoff, Place, Request, Subscribe,
    lost::{Lost, first_event, next_event},
};

/// A client, with what it is made of: a test gives it connections in memory and waits of its own.
#[derive(Clone, Debug)]
pub struct Client<D> {
    /// Makes a connection.
    pub dial: D,
    /// With how many of the newest lines to begin.
    pub tail: u64,
    /// Not to come back when the connection is lost.
    pub once: bool,
    /// How long to wait, given the longest wait; [`full_jitter`](crate::full_jitter).
    pub jitter: fn(Duration) -> Duration,
}

/// What a client has to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The connection is there.
    Connected,
    /// A line, and whether it is from standard error.
    Line(String, bool),
    /// So many lines are missing here.
    Lost(u64),
    /// It is another log than before: the numbering begins anew.
    Anew,
    /// The connection is lost, or there was none; why, and how long until the next attempt.
    Waiting(String, Duration),
    /// The log has ended, with the command's exit status if there was one.
    End(Option<i32>),
}

impl<D: AsyncFnMut() -> Result<WebSocket, ConnectError>> Client<D> {
    // ANCHOR: follow
    /// Follows the log to its end, over as many connections as it takes.
    ///
    /// # Errors
    /// Why it is in vain to try again; with `once`, why the connection was lost.
    pub async fn follow(mut self, mut show: impl FnMut(Seen)) -> Result<()> {
        let (mut place, mut backoff) = (Place::default(), Backoff::default());
        loop {
            let lost = match (self.dial)().await {
                Ok(mut socket) => {
                    show(Seen::Connected);
                    let outcome = self.read(&mut socket, &mut place, &mut backoff, &mut show).await;
                    close(&mut socket, CloseWith::normal()).await;
                    match outcome {
                        Ok(()) => return Ok(()),
                        Err(lost) => lost,
                    }
                }
                Err(error) => Lost::from(error),
            };
            if self.once || !lost.may_come_back {
                bail!(lost.reason);
            }
            let wait = (self.jitter)(backoff.next_limit());
            show(Seen::Waiting(lost.reason, wait));
            sleep(wait).await;
        }
    }

    /// Reads one connection to the log's end, or to its own.
    async fn read(
        &self,
        socket: &mut WebSocket,
        place: &mut Place,
        backoff: &mut Backoff,
        show: &mut impl FnMut(Seen),
    ) -> Result<(), Lost> {
        // The first time there is no place yet to go on from.
        let after = place.log.is_some().then_some(place.last);
        let tail = after.is_none().then_some(self.tail);
        let wish = Request::Subscribe(Subscribe { log: place.log.clone(), after, tail });
        let wish =
            serde_json::to_string(&wish).map_err(|error| Lost::for_good(error.to_string()))?;
        socket.send(Message::text(wish)).await.map_err(Lost::from)?;
        let mut event = first_event(socket, place.log.is_some()).await?;
        while !place.take(event, self.tail, backoff, show) {
            event = next_event(socket).await?;
        }
        Ok(())
    }
    // ANCHOR_END: follow
}
