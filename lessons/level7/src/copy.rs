//! The copy of the stream's newest lines, which is what this server's readers read.

use std::{pin::pin, time::Duration};

use anyhow::{Context as _, Result, anyhow, ensure};
use async_nats::jetstream::{Context, Message, stream};
use futures_util::StreamExt;
use level6::Log;
use tokio::{sync::watch, time::sleep};

use crate::{
    State,
    stream::{check, empty_copy, lines_after, log_name, open},
};

/// How long to wait before all is built anew, where that may fail again: 200 ms.
const PAUSE: Duration = Duration::from_millis(200);

/// What makes the copy.
pub(crate) struct Copy {
    context: Context,
    config: stream::Config,
    state: watch::Sender<State>,
}

impl Copy {
    /// The copy, empty as yet. Makes the stream where there is none.
    pub async fn new(
        context: Context,
        config: stream::Config,
    ) -> Result<(Copy, watch::Receiver<State>)> {
        let log = empty_copy(open(&context, &config).await?.cached_info());
        let (state, changes) = watch::channel(State { log, live: false });
        Ok((Copy { context, config, state }, changes))
    }

    // ANCHOR: keep_up
    /// Keeps the copy up to date, for ever. `link` is whether the broker is there.
    ///
    /// Whenever that has changed, or anything is wrong, all is built anew from what the broker has
    /// then. That is one way back for every trouble, and each day's restart has tried it.
    pub async fn keep_up(self, mut link: watch::Receiver<bool>) {
        loop {
            if !*link.borrow_and_update() {
                log::warn!("the broker is away");
                self.tell(false);
                if link.wait_for(|is_there| *is_there).await.is_err() {
                    return;
                }
                log::warn!("the broker is there again");
            }
            tokio::select! {
                _ = link.changed() => {}
                outcome = self.follow() => {
                    let error = outcome.err().unwrap_or_else(|| anyhow!("it has no more lines"));
                    log::warn!("the log's copy is made anew: {error:#}");
                    self.tell(false);
                    sleep(PAUSE).await;
                }
            }
        }
    }

    /// Builds it, and follows the stream until something is wrong.
    async fn follow(&self) -> Result<()> {
        let stream = open(&self.context, &self.config).await?;
        let info = stream.cached_info();
        let log = self.log_for(info);
        if log.last() > info.state.last_sequence {
            let (had, has) = (log.last(), info.state.last_sequence);
            log::error!(
                "the broker has forgotten lines that it had acknowledged: {has} is its last, {had} \
                 was. It gives their numbers again, and who had the old lines misses the new ones: \
                 begin a new stream (--stream)"
            );
        }
        // What the stream itself has no longer, nobody will ever get.
        log.skip_to(info.state.first_sequence);
        let (mut lines, mut behind) = lines_after(&self.context, &stream, log.last()).await?;
        let (mut check, mut due, mut received) = (pin!(check(&stream)), 0, 0);
        loop {
            if behind == 0 {
                log.skip_to(info.state.last_sequence + 1);
                self.tell(true);
            }
            tokio::select! {
                line = lines.next() => {
                    let Some(line) = line else { return Ok(()) };
                    received += 1;
                    add(&log, info, &line?, received)?;
                    behind = behind.saturating_sub(1);
                }
                last = &mut check => {
                    ensure!(log.last() >= due, "its lines do not come");
                    due = last?;
                    check.set(crate::stream::check(&stream));
                }
            }
        }
    }
    // ANCHOR_END: keep_up

    /// The log that is the copy of this stream. One that was made anew counts from 1 again: for
    /// its readers it is another log, or they would wait for numbers that have been.
    fn log_for(&self, info: &stream::Info) -> std::sync::Arc<Log> {
        if self.state.borrow().log.name() != log_name(info) {
            log::warn!("the stream was made anew: its readers begin anew, too");
            self.state.send_replace(State { log: empty_copy(info), live: false });
        }
        self.state.borrow().log.clone()
    }

    fn tell(&self, live: bool) {
        self.state.send_if_modified(|state| std::mem::replace(&mut state.live, live) != live);
    }
}

/// Adds a line, the `count`th that has come.
fn add(log: &Log, info: &stream::Info, line: &Message, count: u64) -> Result<()> {
    let place = line.info().map_err(|error| anyhow!("a message of no stream: {error}"))?;
    // The broker's client drops messages rather than let them wait without a bound.
    ensure!(place.consumer_sequence == count, "a message was lost on its way");
    if place.stream_sequence > log.last() {
        // Whoever may, can delete a single line in the stream. Its number is never used again.
        log.skip_to(place.stream_sequence);
        let ms = (place.published - info.created).whole_milliseconds();
        let text = String::from_utf8_lossy(&line.payload).into_owned();
        log.append_at(u64::try_from(ms).unwrap_or(0), text, false).context("the log has ended")?;
    }
    Ok(())
}
