//! The stream in which the broker keeps the lines.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result, ensure};
use async_nats::jetstream::{
    Context,
    consumer::{
        AckPolicy, DeliverPolicy,
        push::{self, Messages},
    },
    stream::{Config, Info, Stream},
};
use level6::{Log, MAX_LINE, MAX_LINES};
use tokio::time::sleep;

use crate::ID_WINDOW;

/// How often the broker is heard when no lines come, and how often it is asked how far the stream
/// is: 5 s.
const CHECK: Duration = Duration::from_secs(5);

/// How much the stream keeps, in bytes: 1 GiB. This course's readers are served from the newest
/// lines in memory; the rest is for whoever looks into the stream with other tools.
const MAX_BYTES: i64 = 1024 * 1024 * 1024;

/// What the stream is like, if it is us who make it: in a file, the oldest lines go when it is full.
pub(crate) fn config(name: &str) -> Config {
    Config {
        name: name.into(),
        subjects: vec![format!("{name}.lines")],
        max_bytes: MAX_BYTES,
        max_message_size: MAX_LINE as i32,
        // For so long the broker knows an id again, whichever server it comes from.
        duplicate_window: ID_WINDOW,
        ..Config::default()
    }
}

/// The stream, made where there is none. One that is there stays as somebody has made it.
pub(crate) async fn open(context: &Context, config: &Config) -> Result<Stream> {
    let stream = context.get_or_create_stream(config.clone()).await?;
    let window = stream.cached_info().config.duplicate_window;
    ensure!(
        window >= ID_WINDOW,
        "the stream `{}` knows an id again for {window:?} only; set its duplicate window to 2m",
        config.name,
    );
    Ok(stream)
}

/// The name of the log: no other stream was ever made at this nanosecond.
pub(crate) fn log_name(info: &Info) -> String {
    format!("{:x}", info.created.unix_timestamp_nanos())
}

/// A copy without lines, which begins with as many of the newest ones as a log keeps.
pub(crate) fn empty_copy(info: &Info) -> Arc<Log> {
    let next = (info.state.last_sequence + 1).saturating_sub(MAX_LINES as u64);
    Log::copy_from(log_name(info), next.max(info.state.first_sequence))
}

/// The lines after this one, now and as they come; and how many there are now.
pub(crate) async fn lines_after(
    context: &Context,
    stream: &Stream,
    last: u64,
) -> Result<(Messages, u64)> {
    // The broker pushes, and forgets this consumer some seconds after we are gone. The client has
    // an "ordered" one that mends itself: here it would only race with our own way back.
    let consumer = push::Config {
        deliver_subject: context.client().new_inbox(),
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: last + 1 },
        ack_policy: AckPolicy::None,
        idle_heartbeat: CHECK,
        memory_storage: true,
        num_replicas: 1,
        ..push::Config::default()
    };
    let consumer = stream.create_consumer(consumer).await?;
    let behind = consumer.cached_info().num_pending;
    Ok((consumer.messages().await?, behind))
}

/// Waits, and then asks how far the stream is.
///
/// # Errors
/// If it is gone, or has been made anew while nobody looked.
pub(crate) async fn check(stream: &Stream) -> Result<u64> {
    sleep(CHECK).await;
    let now = stream.get_info().await.context("no word from the stream")?;
    ensure!(now.created == stream.cached_info().created, "the stream was made anew");
    Ok(now.state.last_sequence)
}
