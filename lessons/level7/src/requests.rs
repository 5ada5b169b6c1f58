//! What a client asks for, and what becomes of it.

use std::sync::Arc;

use anyhow::Result;
use futures_util::FutureExt;
use level6::Subscribe;
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};

use crate::{
    Answer, Keep, Live, MAX_ID, MAX_TEXT, Metrics, NotKept, Request, Role, Token, UNAUTHORIZED,
    guesses::Useless, sending::close, session::Talk,
};

/// How many lines of one client may be without an answer: 64.
pub const MAX_UNANSWERED: usize = 64;

impl<K: Keep> Talk<'_, K> {
    pub(crate) async fn request(&mut self, text: &str) -> Result<()> {
        // What is wrong with it is not quoted: it might be a token, in the wrong place.
        let Ok(request) = serde_json::from_str(text) else {
            return Err(close(CloseCode::Policy, "not a login, a subscription or a publication"));
        };
        match (request, self.role) {
            (Request::Login { token }, _) => self.log_in(&token),
            (_, None) => Err(close(UNAUTHORIZED.into(), "log in first")),
            (Request::Subscribe(wish), Some(_)) => self.subscribe(&wish).await,
            (Request::Publish { id, text }, Some(role)) => self.publish(role, id, text).await,
        }
    }

    fn log_in(&mut self, token: &Token) -> Result<()> {
        let role =
            self.live.role(Some(token), self.session.address).map_err(|useless| match useless {
                Useless::Wrong => close(UNAUTHORIZED.into(), "this token is none of this server's"),
                Useless::NotLookedAt => {
                    close(CloseCode::Again, "too many wrong tokens came from your address")
                }
            })?;
        self.role = Some(role);
        Ok(())
    }

    async fn subscribe(&mut self, wish: &Subscribe) -> Result<()> {
        if self.reading.is_some() {
            return Err(close(CloseCode::Policy, "you are subscribed already"));
        }
        let state = self.state.borrow_and_update().clone();
        let place = state.log.reader(wish);
        let (hello, reader) = place.map_err(|error| close(CloseCode::Policy, error.to_string()))?;
        self.reading = Some((state.log, reader));
        self.more = true;
        self.say(Message::Text(hello.encode())).await?;
        if !state.live {
            self.say(Message::Text(Answer::notice(false).encode())).await?;
        }
        Ok(())
    }

    /// A reader that publishes is told so and stays: it does no harm, and what it reads goes on.
    async fn publish(&mut self, role: Role, id: String, text: String) -> Result<()> {
        let refused = if id.is_empty() || id.len() > MAX_ID {
            Answer::error(None, format!("an id has 1 to {MAX_ID} bytes"))
        } else if role != Role::Writer {
            Answer::error(Some(id), "a reader may not publish")
        } else if text.len() > MAX_TEXT {
            Answer::error(Some(id), format!("a line has at most {MAX_TEXT} bytes"))
        } else if self.appends.len() >= MAX_UNANSWERED {
            let reason = format!("{MAX_UNANSWERED} lines are without an answer already");
            Answer::Error { id: Some(id), reason, again: true }
        } else {
            self.appends.push_back(keep(self.live, id, text).boxed());
            return Ok(());
        };
        self.say(Message::Text(refused.encode())).await
    }

    /// The log is another one, or out of reach, or there again.
    pub(crate) async fn look(&mut self) -> Result<()> {
        let state = self.state.borrow_and_update().clone();
        let Some((log, _)) = &self.reading else { return Ok(()) };
        if !Arc::ptr_eq(log, &state.log) {
            // The reader's number says nothing in the new log, and only the reader can say where
            // it wants to begin there.
            return Err(close(CloseCode::Restart, "the log has begun anew"));
        }
        self.say(Message::Text(Answer::notice(state.live).encode())).await
    }
}

/// Keeps a line; the answer to its writer.
async fn keep<K: Keep>(live: &Live<K>, id: String, text: String) -> Answer {
    match live.keep.append(&id, &text).await {
        Ok(seq) => {
            Metrics::count(&live.metrics.published);
            Answer::Published { id, seq }
        }
        Err(NotKept { reason, again }) => {
            Metrics::count(&live.metrics.not_kept);
            Answer::Error { id: Some(id), reason, again }
        }
    }
}
