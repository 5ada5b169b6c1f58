//! The log in NATS JetStream: the form for several servers, which all see the same numbers.

use std::{error::Error as _, time::Duration};

use anyhow::{Context as _, Result, ensure};
use async_nats::{
    ConnectOptions, Event, ServerAddr,
    jetstream::{self, Context, ErrorCode, context::PublishError, message::PublishMessage},
};
use level6::full_jitter;
use tokio::{sync::watch, task::AbortHandle, time::timeout};

use crate::{Keep, NotKept, State, copy::Copy, stream::config};

/// How long the broker may take to keep a line, or to answer anything else: 5 s.
pub const BROKER_DEADLINE: Duration = Duration::from_secs(5);

/// How long the broker's client waits before it connects again, at most: 500 ms. There are few
/// servers, and many readers wait for each of them.
const RECONNECT: Duration = Duration::from_millis(500);

// ANCHOR: JetStream
/// A log that a broker keeps, in a stream. A line's number is its sequence there.
///
/// This server's readers read a copy of the newest lines, which one task keeps up to date.
#[derive(Debug)]
pub struct JetStream {
    context: Context,
    subject: String,
    state: watch::Receiver<State>,
    copying: AbortHandle,
}

impl JetStream {
    /// Connects to one of these brokers (`nats://HOST:PORT`, several with commas between them), makes
    /// the stream where there is none, and reads its newest lines.
    ///
    /// # Errors
    /// If there is no such broker, or it has no JetStream, or the stream there is not fit for this.
    pub async fn connect(urls: &str, stream: &str) -> Result<JetStream> {
        let (link, link_changes) = watch::channel(true);
        let options = ConnectOptions::new()
            .name("live_server")
            .reconnect_delay_callback(|_attempts| full_jitter(RECONNECT))
            .event_callback(move |event| {
                match event {
                    Event::Disconnected => _ = link.send_replace(false),
                    // The second means that lines were dropped on their way to us.
                    Event::Connected | Event::SlowConsumer(_) => _ = link.send_replace(true),
                    // One for each attempt to connect again.
                    Event::ClientError(error) => log::debug!("NATS: {error}"),
                    other => log::warn!("NATS: {other}"),
                }
                std::future::ready(())
            });
        let addresses = addresses(urls)?;
        let hosts = addresses.iter().map(|it| format!("{}:{}", it.host(), it.port()));
        let hosts = hosts.collect::<Vec<_>>().join(", ");
        let start = || format!("no NATS at {hosts}; start one with `nats-server -js`");
        let client = options.connect(addresses).await.with_context(start)?;
        let mut context = jetstream::new(client);
        context.set_timeout(BROKER_DEADLINE);

        let config = config(stream);
        let subject = config.subjects[0].clone();
        let unfit = || format!("{hosts} cannot keep the log; was it started with -js?");
        let (copy, mut state) = Copy::new(context.clone(), config).await.with_context(unfit)?;
        let copying = tokio::spawn(copy.keep_up(link_changes)).abort_handle();
        let this = JetStream { context, subject, state: state.clone(), copying };
        let live = timeout(BROKER_DEADLINE, state.wait_for(|state| state.live));
        live.await.with_context(|| format!("the newest lines do not come from {hosts}"))??;
        Ok(this)
    }
}

impl Keep for JetStream {
    async fn append(&self, id: &str, text: &str) -> Result<u64, NotKept> {
        let mut state = self.state.clone();
        // Without this, lines would wait in here for a broker that is away.
        if !state.borrow().live {
            return Err(away());
        }
        // As JSON, since the broker would not know " a" from "a" in a header.
        let id = serde_json::to_string(id).map_err(|_error| away())?;
        let line = PublishMessage::build().message_id(id).payload(text.to_string().into());
        let kept = async { self.context.send_publish(self.subject.clone(), line).await?.await };
        // The first is polled first: lines are sent in the order in which they came.
        tokio::select! {
            biased;
            kept = timeout(BROKER_DEADLINE, kept) => match kept {
                Ok(Ok(ack)) => Ok(ack.sequence),
                Ok(Err(error)) => {
                    log::warn!("NATS has not acknowledged a line: {error}");
                    Err(not_kept(&error))
                }
                Err(_elapsed) => Err(away()),
            },
            // Its answer is lost with the connection, whether the line is kept or not.
            () = async { _ = state.wait_for(|state| !state.live).await } => Err(away()),
        }
    }

    fn state(&self) -> watch::Receiver<State> {
        self.state.clone()
    }
}
// ANCHOR_END: JetStream

impl Drop for JetStream {
    fn drop(&mut self) {
        self.copying.abort();
    }
}

/// The details are for our log, not for strangers.
fn away() -> NotKept {
    NotKept::for_now("the log is out of reach")
}

/// Few of the broker's refusals are for good. A stream that is full, say, may be given more room.
fn not_kept(error: &PublishError) -> NotKept {
    let said = error.source().and_then(|it| it.downcast_ref::<jetstream::Error>());
    match said.map(jetstream::Error::error_code) {
        Some(ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM) => {
            NotKept::for_good("the line is longer than this log takes")
        }
        Some(ErrorCode::STREAM_SEALED) => NotKept::for_good("the log takes no more lines"),
        _ => away(),
    }
}

fn addresses(urls: &str) -> Result<Vec<ServerAddr>> {
    let addresses = urls.split(',').map(|url| url.trim().parse::<ServerAddr>());
    // The error repeats what was given, and there may be a password in it.
    let addresses = addresses.collect::<Result<Vec<_>, _>>().map_err(|_error| {
        anyhow::anyhow!("not the address of a NATS server; one looks like nats://127.0.0.1:4222")
    })?;
    ensure!(!addresses.is_empty(), "no address of a NATS server");
    Ok(addresses)
}
