//! One client's conversation, from its handshake to its end.

use std::{future::pending, net::IpAddr, pin::pin, sync::Arc};

use anyhow::Result;
use futures_util::{StreamExt, future::BoxFuture, stream::FuturesOrdered};
use level6::{Log, Reader};
use tokio::{sync::watch, time::sleep};
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};
use websocket_streaming::{Handler, WebSocket};

use crate::{
    Allowance, Answer, Beat, Keep, Live, MAX_REQUEST, Metrics, Pulse, Rate, Role, State,
    sending::close,
};

/// Close code 4401: the WebSocket form of HTTP's 401. Codes from 4000 on are an application's own
/// (section 7.4.2).
pub const UNAUTHORIZED: u16 = 4401;

/// A client that was let in: what serves it.
#[derive(Debug)]
pub struct Session<K> {
    /// The server.
    pub live: Arc<Live<K>>,
    /// Whose it is, for counting.
    pub address: IpAddr,
    /// What it may do, if that is known already.
    pub role: Option<Role>,
    /// What it may send before a message ends; without a bound where nobody looks at the bytes.
    pub allowance: Allowance,
}

impl<K: Keep> Handler for Session<K> {
    async fn handle(&self, socket: &mut WebSocket) -> Result<()> {
        Talk::new(self, socket).run().await
    }

    fn max_message_size(&self) -> usize {
        MAX_REQUEST
    }
}

/// The state of a conversation.
pub(crate) struct Talk<'a, K> {
    pub live: &'a Live<K>,
    pub socket: &'a mut WebSocket,
    pub session: &'a Session<K>,
    pub role: Option<Role>,
    pub state: watch::Receiver<State>,
    /// Where it reads, once it has subscribed: the log, and its place there.
    pub reading: Option<(Arc<Log>, Reader)>,
    /// Whether it is likely that there is more to read at once.
    pub more: bool,
    /// Lines that are being kept, in the order in which they came.
    pub appends: FuturesOrdered<BoxFuture<'a, Answer>>,
    pulse: Pulse,
    rate: Rate,
}

impl<'a, K: Keep> Talk<'a, K> {
    fn new(session: &'a Session<K>, socket: &'a mut WebSocket) -> Self {
        let live = &*session.live;
        session.allowance.renew(Allowance::of(session.role));
        Talk {
            live,
            socket,
            session,
            role: session.role,
            state: live.keep.state(),
            reading: None,
            more: false,
            appends: FuturesOrdered::new(),
            pulse: Pulse::new(live.settings.pulse),
            rate: Rate::new(live.settings.messages),
        }
    }

    // ANCHOR: run
    /// Everything that can happen, one thing after another. Nothing but sending is waited for
    /// outside of the `select!`, and that has a deadline: so a ping is always answered, and a
    /// silent client always found.
    async fn run(mut self) -> Result<()> {
        let mut login = pin!(sleep(self.live.settings.login));
        loop {
            let more = async {
                match &mut self.reading {
                    Some((_, reader)) if !self.more => reader.more().await,
                    Some(_) => {}
                    None => pending().await,
                }
            };
            tokio::select! {
                // Reading comes first, or a client that takes all that there is would not be heard.
                biased;
                message = self.socket.next() => match message {
                    Some(Err(_)) if self.session.allowance.is_spent() => return Err(self.endless()),
                    Some(message) => self.hear(message?).await?,
                    None => return Ok(()),
                },
                beat = self.pulse.beat() => match beat {
                    Beat::Ask => self.say(Message::Ping("still there?".into())).await?,
                    Beat::Gone => return Err(self.gone()),
                },
                Some(answer) = self.appends.next(), if !self.appends.is_empty() => {
                    self.say(Message::Text(answer.encode())).await?;
                }
                Ok(()) = self.state.changed() => self.look().await?,
                () = &mut login, if self.role.is_none() => {
                    return Err(close(UNAUTHORIZED.into(), "no login in time"));
                }
                () = more => self.burst().await?,
            }
        }
    }

    async fn hear(&mut self, message: Message) -> Result<()> {
        self.pulse.heard();
        // Pongs count as well: nobody owes us more than one for each ping.
        if !message.is_close() && !self.rate.allows_one_more() {
            Metrics::count(&self.live.metrics.closed_flood);
            let most = self.live.settings.messages;
            return Err(close(CloseCode::Policy, format!("more than {most} messages a second")));
        }
        match message {
            Message::Text(text) => {
                self.request(&text).await?;
                self.session.allowance.renew(Allowance::of(self.role));
            }
            Message::Binary(_) => {
                return Err(close(CloseCode::Unsupported, "only text is understood"));
            }
            control => self.session.allowance.without_control(control.len()),
        }
        Ok(())
    }
    // ANCHOR_END: run

    fn endless(&self) -> anyhow::Error {
        Metrics::count(&self.live.metrics.closed_flood);
        close(CloseCode::Policy, "this message is too long, or does not end")
    }

    fn gone(&self) -> anyhow::Error {
        Metrics::count(&self.live.metrics.closed_silent);
        let seconds = self.live.settings.pulse.as_secs_f64();
        // It may be a computer that slept. If it wakes up soon, this says that it may come back.
        close(CloseCode::Again, format!("nothing was heard from you for {seconds} s"))
    }
}
