//! Sending, within the time that a client has to take it.

use anyhow::Result;
use futures_util::SinkExt;
use level6::{burst, within};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes, protocol::frame::coding::CloseCode};
use websocket_streaming::CloseWith;

use crate::{Keep, Metrics, session::Talk};

impl<K: Keep> Talk<'_, K> {
    /// Sends what there is to read, with a single flush.
    pub async fn burst(&mut self) -> Result<()> {
        let Some((_, reader)) = &mut self.reading else { return Ok(()) };
        let sent = within(self.live.settings.pulse, burst(self.socket, reader)).await;
        self.more = sent.ok_or_else(|| slow(&self.live.metrics))??;
        Ok(())
    }

    /// Sends a message, within the deadline that a client has to take it.
    pub async fn say(&mut self, message: Message) -> Result<()> {
        let sent = within(self.live.settings.pulse, self.socket.send(message)).await;
        Ok(sent.ok_or_else(|| slow(&self.live.metrics))??)
    }
}

pub(crate) fn close(code: CloseCode, reason: impl Into<Utf8Bytes>) -> anyhow::Error {
    CloseWith::new(code, reason).into()
}

fn slow(metrics: &Metrics) -> anyhow::Error {
    Metrics::count(&metrics.closed_slow);
    close(CloseCode::Again, "you took nothing for too long")
}
