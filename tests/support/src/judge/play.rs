//! Plays one transcript against a learner's code: our side of the wire does what the transcript
//! says, and whatever the learner's side does is recorded. In memory, and in virtual time.

use std::{
    future::{Future, pending},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Result;
use futures_util::{SinkExt, StreamExt, future::BoxFuture};
use tokio::{
    io::{DuplexStream, duplex},
    task::JoinError,
    time::{Instant, sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, accept_async, client_async, client_async_with_config,
    tungstenite::{Error, Message, error::ProtocolError},
};
use tokio_util::sync::CancellationToken;
use websocket_streaming::{ByteStream, Ending, Handler, WebSocket, config, serve_connection};

use super::due::{Line, What, Who};

/// How long we wait for a line after the last one was due.
pub const PATIENCE: Duration = Duration::from_millis(1500);

/// How long a learner's code may run on when the other side has gone.
pub const GRACE: Duration = Duration::from_millis(500);

/// How many lines more than are due we listen to.
pub const SURPLUS: usize = 5;

/// A learner's code, ready to be run on its end of a connection.
#[derive(Clone)]
pub struct Subject {
    pub role: Who,
    run: Arc<dyn Fn(DuplexStream) -> BoxFuture<'static, Outcome> + Send + Sync>,
}

/// How the learner's code ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Done,
    Text(String),
    Failed(String),
    /// A server's code that ended because its client had left.
    ClientLeft,
    Panicked,
}

/// A server as in Level 1: it owns the socket, and nobody closes it but itself.
pub fn bare<F, Fut>(function: F) -> Subject
where
    F: Fn(WebSocketStream<DuplexStream>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), Error>> + Send + 'static,
{
    let function = Arc::new(function);
    let run = move |stream| -> BoxFuture<'static, Outcome> {
        let function = function.clone();
        Box::pin(async move {
            let socket = accept_async(stream).await.expect("our side shakes hands");
            match function(socket).await {
                Ok(()) => Outcome::Done,
                Err(error) => Outcome::Failed(error.to_string()),
            }
        })
    };
    Subject { role: Who::Server, run: Arc::new(run) }
}

/// A handler, as `serve` runs it.
pub fn served<H>(handler: H) -> Subject
where
    H: Handler,
{
    let handler = Arc::new(handler);
    let run = move |stream| -> BoxFuture<'static, Outcome> {
        let handler = handler.clone();
        Box::pin(async move {
            match serve_connection(stream, &*handler, CancellationToken::new()).await {
                Ending::Complete | Ending::Stopped => Outcome::Done,
                Ending::ClientLeft(_) => Outcome::ClientLeft,
                Ending::Failed(error) => Outcome::Failed(format!("{error:#}")),
                Ending::NoHandshake(error) => Outcome::Failed(error),
                Ending::Panicked => Outcome::Panicked,
            }
        })
    };
    Subject { role: Who::Server, run: Arc::new(run) }
}

/// A client that receives a text.
pub fn client(receive: for<'a> fn(&'a mut WebSocket) -> BoxFuture<'a, Result<String>>) -> Subject {
    let run = move |stream| -> BoxFuture<'static, Outcome> {
        Box::pin(async move {
            let stream: Box<dyn ByteStream> = Box::new(stream);
            let shaken = client_async_with_config("ws://memory/", stream, Some(config())).await;
            let (mut socket, _response) = shaken.expect("our side shakes hands");
            match receive(&mut socket).await {
                Ok(text) => Outcome::Text(text),
                Err(error) => Outcome::Failed(format!("{error:#}")),
            }
        })
    };
    Subject { role: Who::Client, run: Arc::new(run) }
}

/// What has been seen so far. Another thread reads it too, for code that never comes to an end.
#[derive(Clone, Default)]
pub struct Record(Arc<Mutex<Seen>>);

#[derive(Clone, Default)]
pub struct Seen {
    /// Which of the transcripts is being played.
    pub index: usize,
    pub lines: Vec<Line>,
    /// For how long the code has had its thread, in real time and in all.
    pub polled: Duration,
    /// Since when it has had its thread, if it has it now.
    pub polled_since: Option<std::time::Instant>,
}

impl Record {
    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, start: Instant, who: Who, what: What) {
        let ms = start.elapsed().as_millis() as u64;
        self.seen().lines.push(Line { ms, who, what });
    }

    /// Runs `future`, and notes for how long it keeps the thread.
    async fn watch<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        std::future::poll_fn(|context| {
            let start = std::time::Instant::now();
            self.seen().polled_since = Some(start);
            let poll = future.as_mut().poll(context);
            let mut seen = self.seen();
            seen.polled_since = None;
            seen.polled += start.elapsed();
            poll
        })
        .await
    }
}

/// Why the play ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The connection is over.
    Ended,
    /// It is open, and nothing came for [`PATIENCE`].
    Silence,
    /// Too much came.
    Flood,
}

pub struct Played {
    pub stop: Stop,
    /// `None` if the code was still running.
    pub outcome: Option<Outcome>,
}

/// Plays our side of `due`; the record holds what both sides did.
pub async fn play(subject: &Subject, due: &[Line], record: &Record) -> Played {
    let (ours, theirs) = duplex(64 * 1024);
    let (own, other) = match subject.role {
        Who::Server => (Who::Server, Who::Client),
        Who::Client => (Who::Client, Who::Server),
    };
    let run = (subject.run)(theirs);
    let watched = record.clone();
    let mut learner = tokio::spawn(async move { watched.watch(run).await });
    let mut socket = match other {
        Who::Client => client_async("ws://memory/", ours).await.map(|(socket, _response)| socket),
        Who::Server => accept_async(ours).await,
    }
    .expect("the learner's side shakes hands");
    let start = Instant::now();
    let at = |ms| start + Duration::from_millis(ms);

    let mut outcome = None;
    let ended = |joined: Result<Outcome, JoinError>| {
        let outcome = joined.unwrap_or(Outcome::Panicked);
        match &outcome {
            Outcome::Text(text) => record.add(start, own, What::Returns(text.clone())),
            Outcome::Failed(_) if own == Who::Client => record.add(start, own, What::ReturnsError),
            _ => {}
        }
        Some(outcome)
    };

    let mut actions = due.iter().filter(|line| line.who == other).peekable();
    let end = at(due.last().map_or(0, |line| line.ms)) + PATIENCE;
    // If the script has our answer to the learner's close, we answer then and no earlier. Nothing
    // is read until then, because the next read would send the answer.
    let first_close = due.iter().find(|line| line.is_close()).map(|line| line.who);
    let we_answer =
        first_close == Some(own) && due.iter().any(|line| line.who == other && line.is_close());
    let mut holding_back = false;
    let mut closed = false;
    let stop = loop {
        if record.seen().lines.len() >= due.len() + SURPLUS {
            break Stop::Flood;
        }
        let next_action = async {
            match actions.peek() {
                Some(line) if holding_back || !closed => sleep_until(at(line.ms)).await,
                _ => pending().await,
            }
        };
        tokio::select! {
            // What is due at the same moment is recorded in this order, always.
            biased;
            () = next_action => {
                let Some(action) = actions.next() else { continue };
                record.add(start, other, action.what.clone());
                match &action.what {
                    What::Message(Message::Close(_)) if holding_back => holding_back = false,
                    // Whether the learner's side is still there, the next read will tell.
                    What::Message(message) => drop(socket.send(message.clone()).await),
                    _ => break Stop::Ended,
                }
            }
            message = socket.next(), if !holding_back => match message {
                Some(Ok(message)) => {
                    closed |= message.is_close();
                    holding_back = message.is_close() && we_answer;
                    record.add(start, own, What::Message(message));
                }
                Some(Err(Error::Io(_) | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake))) => {
                    record.add(start, own, What::Drops);
                    break Stop::Ended;
                }
                Some(Err(error)) => record.add(start, own, What::BreaksProtocol(error.to_string())),
                None => break Stop::Ended,
            },
            joined = &mut learner, if outcome.is_none() => {
                if holding_back {
                    record.add(start, own, What::Drops);
                }
                outcome = ended(joined);
                if holding_back {
                    break Stop::Ended;
                }
            }
            () = sleep_until(end) => break Stop::Silence,
        }
    };

    drop(socket);
    if stop == Stop::Ended && outcome.is_none() {
        if let Ok(joined) = timeout(GRACE, &mut learner).await {
            outcome = ended(joined);
        }
    }
    learner.abort();
    Played { stop, outcome }
}
