//! Sending, within the time that a client has to take it.

use std::{pin::pin, time::Duration};

use anyhow::Result;
use futures_util::{FutureExt, SinkExt};
use level6::BURST;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes, protocol::frame::coding::CloseCode};
use websocket_streaming::CloseWith;

use crate::{Keep, Metrics, session::Talk};

/// How many bytes of lines are sent at once: no further line is added to so many. 16 KiB, since each
/// connection keeps a write buffer of the size that it has once needed.
const BURST_BYTES: usize = 16 * 1024;

impl<K: Keep> Talk<'_, K> {
    /// Sends what there is to read, with a single flush.
    pub async fn burst(&mut self) -> Result<()> {
        let Some((_, reader)) = &mut self.reading else { return Ok(()) };
        let (mut lines, mut bytes) = (0, 0);
        let socket = &mut self.socket;
        let sending = async {
            while lines < BURST && bytes < BURST_BYTES {
                let Some(line) = reader.take() else { break };
                lines += 1;
                bytes += line.len();
                socket.feed(Message::Text(line)).await?;
            }
            socket.flush().await
        };
        within(self.live.settings.pulse, sending)
            .await
            .ok_or_else(|| slow(&self.live.metrics))??;
        self.more = lines == BURST || bytes >= BURST_BYTES;
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

/// As `timeout`, but most often there is room, and then nobody looks at the clock.
async fn within<T>(deadline: Duration, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    match future.as_mut().now_or_never() {
        Some(output) => Some(output),
        None => timeout(deadline, future).await.ok(),
    }
}
