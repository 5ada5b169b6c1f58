//! A model's reply: from the status of its HTTP response to the mark at its end.

use std::time::Duration;

use anyhow::{Result, anyhow};
use http_body_util::BodyExt;
use hyper::{Response, StatusCode, body::Incoming};
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;
use websocket_streaming::one_line;

use crate::sse::{Line, Lines};

/// How long a model may be silent, before its first word and between two: 30 s.
pub const SILENCE: Duration = Duration::from_secs(30);

// ANCHOR: Reply
/// A model's answer as it comes.
pub(crate) struct Reply {
    body: Incoming,
    lines: Lines,
    _connection: AbortOnDropHandle<()>,
}

impl Reply {
    /// The answer that a response begins. Dropping it drops `connection`, too.
    ///
    /// # Errors
    /// If it is a refusal.
    pub async fn to(
        response: Response<Incoming>,
        connection: AbortOnDropHandle<()>,
    ) -> Result<Reply> {
        if response.status() != StatusCode::OK {
            return Err(refusal(response).await);
        }
        let (body, lines) = (response.into_body(), Lines::default());
        Ok(Reply { body, lines, _connection: connection })
    }

    /// The next piece of text; `None` after the mark at the end.
    pub async fn next(mut self) -> Result<Option<(String, Reply)>> {
        loop {
            match self.lines.next_line()? {
                Some(Line::Text(text)) => return Ok(Some((text, self))),
                Some(Line::Done) => return Ok(None),
                None => {}
            }
            let frame = in_time(async { Ok(self.body.frame().await) }).await?;
            let Some(frame) = frame else { return Err(failed(CUT_OFF, anyhow!("no [DONE]"))) };
            let frame = frame.map_err(|error| failed(CUT_OFF, error))?;
            if let Some(bytes) = frame.data_ref() {
                self.lines.push(bytes)?;
            }
        }
    }
}

const CUT_OFF: &str = "the model has stopped in the middle of its answer";
// ANCHOR_END: Reply

/// Waits no longer than [`SILENCE`].
pub(crate) async fn in_time<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    match timeout(SILENCE, future).await {
        Ok(outcome) => outcome,
        Err(elapsed) => Err(failed("the model is silent", elapsed)),
    }
}

/// A sentence for the reader; the detail goes to the log.
pub(crate) fn failed(sentence: &'static str, detail: impl Into<anyhow::Error>) -> anyhow::Error {
    log::warn!("{sentence}: {}", one_line(&detail.into()));
    anyhow!(sentence)
}

/// How much of a refusal is logged, in bytes: 4 KiB.
const MAX_DETAIL: usize = 4 * 1024;

/// Why the model did not answer.
async fn refusal(response: Response<Incoming>) -> anyhow::Error {
    let status = response.status();
    let sentence = match status.as_u16() {
        401 | 403 => "the model does not accept the key: set MODEL_API_KEY",
        404 => "the model's server does not know this model, or has another path",
        429 => "the model has too much to do: try again later",
        _ => "the model's server has failed",
    };
    // What it says is for the log, and for nobody else: its beginning will do.
    let mut detail = Vec::new();
    let mut body = response.into_body();
    while detail.len() < MAX_DETAIL {
        let Some(Ok(frame)) = body.frame().await else { break };
        detail.extend(frame.into_data().unwrap_or_default());
    }
    detail.truncate(MAX_DETAIL);
    failed(sentence, anyhow!("HTTP {status}: {}", String::from_utf8_lossy(&detail)))
}
