//! Plays one connection of a scene against a learner's code: our side of the wire does what the
//! transcript says, and whatever the learner's side does is recorded. In memory.

use std::{future::pending, time::Duration};

use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncWriteExt, DuplexStream},
    task::JoinError,
    time::{Instant, sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, accept_async, client_async,
    tungstenite::{
        Error, Message,
        error::ProtocolError,
        protocol::frame::{
            Frame,
            coding::{Data, OpCode},
        },
    },
};

use super::{
    check::Clock,
    due::{FLOOD, Line, What, Who},
    gate::gated,
    record::Record,
    subject::{Outcome, Subject},
};

/// How long we wait for a line after the last one was due.
pub const PATIENCE: Duration = Duration::from_millis(1500);

/// How long a learner's code may run on when the other side has gone: a word of any translation,
/// and a little more.
pub const GRACE: Duration = Duration::from_millis(600);

/// How many lines more than are due we listen to.
pub const SURPLUS: usize = 5;

/// Why the play ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The connection is over.
    Ended,
    /// It is open, and nothing came for [`PATIENCE`].
    Silence,
    /// Too much came.
    Flood,
    /// It is wrong, and nobody wants to know more.
    Wrong,
}

pub struct Played {
    pub stop: Stop,
    /// `None` if the code was still running.
    pub outcome: Option<Outcome>,
}

/// A connection to be played.
pub struct Part<'a> {
    pub subject: &'a Subject,
    pub due: &'a [Line],
    /// Which connection of its scene this is.
    pub index: usize,
    pub record: &'a Record,
    pub clock: Clock,
    /// Whether to stop at the first line that is wrong.
    pub brief: bool,
}

/// Plays our side of a connection; the record holds what both sides did.
pub async fn play(part: &Part<'_>, start: Instant) -> Played {
    let Part { subject, due, index, record, .. } = *part;
    let at = |ms| start + Duration::from_millis(ms);
    if let (1.., Some(first)) = (index, due.first()) {
        sleep_until(at(first.ms)).await;
    }
    let (ours, theirs, gate) = gated();
    let own = subject.role;
    let other = if own == Who::Server { Who::Client } else { Who::Server };
    let run = (subject.run)(theirs);
    let watched = record.clone();
    let mut learner = tokio::spawn(async move { watched.watch(run).await });
    let mut socket = match other {
        Who::Client => client_async("ws://memory/", ours).await.map(|(socket, _response)| socket),
        Who::Server => accept_async(ours).await,
    }
    .expect("the learner's side shakes hands");
    let add = |who, what| {
        let ms = start.elapsed().as_millis() as u64;
        record.add(index, Line { ms, who, what });
    };

    let mut outcome = None;
    let ended = |joined: Result<Outcome, JoinError>| {
        let outcome = joined.unwrap_or(Outcome::Panicked);
        match &outcome {
            Outcome::Text(text) => add(own, What::Returns(text.clone())),
            Outcome::Failed(_) if own == Who::Client => add(own, What::ReturnsError),
            _ => {}
        }
        Some(outcome)
    };

    let mut actions = due.iter().filter(|line| line.who == other).peekable();
    let end = at(due.last().map_or(0, |line| line.ms)) + PATIENCE;
    // If the script has our answer to the learner's close, or none for a while, we read nothing
    // until then, because the next read would send the answer.
    let first_close = due.iter().position(|line| line.is_close());
    let we_answer = first_close.is_some_and(|first| {
        due[first].who == own && due[first..].iter().any(|line| line.who == other)
    });
    let mut holding_back = false;
    let mut reading = true;
    let mut closed = false;
    let stop = loop {
        if record.seen().lines[index].len() >= due.len() + SURPLUS {
            break Stop::Flood;
        }
        if part.brief && part.is_wrong() {
            break Stop::Wrong;
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
                add(other, action.what.clone());
                match &action.what {
                    What::Message(Message::Close(_)) if holding_back => holding_back = false,
                    // Our socket has seen the close, and would say no more.
                    What::Message(Message::Text(text)) if holding_back => {
                        drop(socket.get_mut().write_all(&masked_text(text)).await);
                    }
                    // Whether the learner's side is still there, the next read will tell.
                    What::Message(message) => drop(socket.send(message.clone()).await),
                    What::StopsReading => {
                        gate.shut();
                        reading = false;
                    }
                    What::ReadsAgain => {
                        gate.open();
                        reading = true;
                    }
                    What::Floods if flood(&mut socket).await => add(own, What::TakesAll),
                    What::Floods => {}
                    _ => break Stop::Ended,
                }
            }
            message = socket.next(), if reading && !holding_back => match message {
                Some(Ok(message)) => {
                    closed |= message.is_close();
                    holding_back = message.is_close() && we_answer;
                    add(own, What::Message(message));
                }
                Some(Err(Error::Io(_) | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake))) => {
                    add(own, What::Drops);
                    break Stop::Ended;
                }
                Some(Err(error)) => add(own, What::BreaksProtocol(error.to_string())),
                None => break Stop::Ended,
            },
            joined = &mut learner, if outcome.is_none() => {
                if holding_back {
                    add(own, What::Drops);
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
    // Whoever waits in a `send` hears now that the other side has gone.
    gate.open();
    if stop == Stop::Ended && outcome.is_none() {
        if let Ok(joined) = timeout(GRACE, &mut learner).await {
            outcome = ended(joined);
        }
    }
    learner.abort();
    Played { stop, outcome }
}

impl Part<'_> {
    /// Whether what has come so far is not what is due.
    fn is_wrong(&self) -> bool {
        let lines = &self.record.seen().lines[self.index];
        (0..).zip(lines).any(|(i, line)| match self.due.get(i) {
            Some(due) => !line.is(due, self.clock.late(i)),
            None => true,
        })
    }
}

/// Sends many long sentences, until they are not taken any more. Whether all were.
async fn flood(socket: &mut WebSocketStream<DuplexStream>) -> bool {
    let sentence = "word ".repeat(200);
    for _ in 0..FLOOD {
        // In virtual time, this is over as soon as the learner's side does not read.
        let send = socket.send(Message::text(sentence.clone()));
        if timeout(Duration::from_millis(1), send).await.is_err() {
            return false;
        }
    }
    true
}

/// The bytes of a text message, as a client sends it.
fn masked_text(text: &str) -> Vec<u8> {
    let payload = text.as_bytes().to_vec();
    let mut frame = Frame::message(payload, OpCode::Data(Data::Text), true);
    frame.header_mut().mask = Some([0; 4]);
    let mut bytes = Vec::new();
    frame.format(&mut bytes).expect("a vector takes all");
    bytes
}
