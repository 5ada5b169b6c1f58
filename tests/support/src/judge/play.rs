//! Plays a client of a scene against a learner's code: our side of the wire does what the
//! transcript says, and whatever the learner's side does is recorded. In memory.

use std::{future::pending, iter::Peekable, time::Duration, vec};

use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::mpsc,
    task::{JoinError, JoinHandle},
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
    gate::{Gate, Ours, gated},
    record::Record,
    subject::{Call, Outcome, Subject, calls},
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

/// Plays our side of a connection, or of several in a row; the record holds what both sides did.
pub async fn play(part: &Part<'_>, start: Instant) -> Played {
    let Part { subject, due, index, record, .. } = *part;
    if let (1.., Some(first)) = (index, due.first()) {
        sleep_until(start + Duration::from_millis(first.ms)).await;
    }
    let (caller, calls) = calls();
    let run = (subject.run)(caller);
    let watched = record.clone();
    let learner = tokio::spawn(async move { watched.watch(run).await });
    let own = subject.role;
    let other = if own == Who::Server { Who::Client } else { Who::Server };
    let actions: Vec<&Line> = due.iter().filter(|line| line.who == other).collect();
    let actions = actions.into_iter().peekable();
    let mut play = Play { part, start, own, other, calls, learner, outcome: None, actions };
    let stop = loop {
        let stop = match play.next_connection().await {
            Ok((ours, gate)) => play.talk(ours, gate).await,
            Err(stop) => stop,
        };
        if stop != Stop::Ended || !subject.dials || play.outcome.is_some() {
            break stop;
        }
    };
    if stop == Stop::Ended && play.outcome.is_none() {
        if let Ok(joined) = timeout(GRACE, &mut play.learner).await {
            play.ended(joined);
        }
    }
    play.learner.abort();
    Played { stop, outcome: play.outcome }
}

/// A connection that is being played, or several in a row.
struct Play<'a> {
    part: &'a Part<'a>,
    start: Instant,
    /// The learner's side, and ours.
    own: Who,
    other: Who,
    calls: mpsc::UnboundedReceiver<Call>,
    learner: JoinHandle<Outcome>,
    outcome: Option<Outcome>,
    /// What our side is still to do.
    actions: Peekable<vec::IntoIter<&'a Line>>,
}

impl Play<'_> {
    fn at(&self, ms: u64) -> Instant {
        self.start + Duration::from_millis(ms)
    }

    /// When we wait no longer.
    fn end(&self) -> Instant {
        self.at(self.part.due.last().map_or(0, |line| line.ms)) + PATIENCE
    }

    fn add(&self, who: Who, what: What) {
        let ms = self.start.elapsed().as_millis() as u64;
        self.part.record.add(self.part.index, Line { ms, who, what });
    }

    fn ended(&mut self, joined: Result<Outcome, JoinError>) {
        let outcome = joined.unwrap_or(Outcome::Panicked);
        match &outcome {
            Outcome::Text(text) => self.add(self.own, What::Returns(text.clone())),
            Outcome::Failed(_) if self.own == Who::Client => self.add(self.own, What::ReturnsError),
            _ => {}
        }
        self.outcome = Some(outcome);
    }

    /// Whether enough has been seen.
    fn enough(&self) -> Option<Stop> {
        match () {
            () if self.part.came() >= self.part.due.len() + SURPLUS => Some(Stop::Flood),
            () if self.part.brief && self.part.is_wrong() => Some(Stop::Wrong),
            () => None,
        }
    }

    /// Waits until the learner's code asks for a connection, and refuses where that is due.
    async fn next_connection(&mut self) -> Result<(Ours, Gate), Stop> {
        loop {
            if let Some(stop) = self.enough() {
                return Err(stop);
            }
            let end = self.end();
            let call = tokio::select! {
                biased;
                Some(call) = self.calls.recv() => call,
                joined = &mut self.learner => {
                    self.ended(joined);
                    return Err(Stop::Ended);
                }
                () = sleep_until(end) => return Err(Stop::Silence),
            };
            if self.part.subject.dials {
                self.add(self.own, What::Connects);
            }
            let no = self.actions.next_if(|line| line.what.is_no());
            if let Some(line) = no {
                self.add(self.other, line.what.clone());
            }
            let (ours, theirs, gate) = gated();
            match no.map(|line| &line.what) {
                Some(What::Refuses(status)) => {
                    let _ = call.send(Some(theirs));
                    refuse(ours, *status).await;
                }
                Some(_) => drop(call),
                None => {
                    let _ = call.send(Some(theirs));
                    return Ok((ours, gate));
                }
            }
        }
    }

    /// Plays our side of one connection, to its end.
    async fn talk(&mut self, ours: Ours, gate: Gate) -> Stop {
        let Play { part, start, own, other, .. } = *self;
        let Part { due, .. } = *part;
        let socket = match other {
            Who::Client => client_async("ws://memory/", ours).await.map(|(socket, _answer)| socket),
            Who::Server => accept_async(ours).await,
        };
        let mut socket = match socket {
            Ok(socket) => socket,
            // It may call, and think better of it.
            Err(_) if part.subject.dials => return Stop::Ended,
            Err(error) => panic!("the learner's side shakes hands: {error}"),
        };
        let end = self.end();
        // If the script has our answer to the learner's close, or none for a while, we read nothing
        // until then, because the next read would send the answer.
        let first_close = due.iter().position(|line| line.is_close());
        let we_answer = !part.subject.dials
            && first_close.is_some_and(|first| {
                due[first].who == own && due[first..].iter().any(|line| line.who == other)
            });
        let mut holding_back = false;
        let mut reading = true;
        let mut closed = false;
        let mut said_close = false;
        let mut silent = false;
        let stop = loop {
            if let Some(stop) = self.enough() {
                break stop;
            }
            let next = self.actions.peek().copied();
            let next_action = async {
                match next {
                    Some(line) if holding_back || !closed => {
                        sleep_until(start + Duration::from_millis(line.ms)).await;
                    }
                    _ => pending().await,
                }
            };
            tokio::select! {
                // What is due at the same moment is recorded in this order, always.
                biased;
                () = next_action => {
                    let Some(action) = self.actions.next() else { continue };
                    self.add(other, action.what.clone());
                    said_close |= action.is_close();
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
                        What::FallsSilent | What::SpeaksAgain => {
                            silent = action.what == What::FallsSilent;
                            gate.swallow(silent);
                        }
                        What::Floods if flood(&mut socket).await => self.add(own, What::TakesAll),
                        What::Floods => {}
                        _ => break Stop::Ended,
                    }
                }
                message = socket.next(), if reading && !holding_back => match message {
                    Some(Ok(message)) => {
                        // Of several connections, each has a close of its own.
                        let answers = part.subject.dials
                            && !said_close
                            && next.is_some_and(|line| line.is_close());
                        closed |= message.is_close();
                        holding_back = message.is_close() && (we_answer || answers);
                        self.add(own, What::Message(message));
                    }
                    Some(Err(Error::Io(_) | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake))) => {
                        self.add(own, What::Drops);
                        break Stop::Ended;
                    }
                    Some(Err(error)) => self.add(own, What::BreaksProtocol(error.to_string())),
                    None => {
                        // Our answer to its close never arrived.
                        if silent {
                            self.add(own, What::Drops);
                        }
                        break Stop::Ended;
                    }
                },
                joined = &mut self.learner, if self.outcome.is_none() => {
                    if holding_back {
                        self.add(own, What::Drops);
                    }
                    self.ended(joined);
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
        stop
    }
}

impl Part<'_> {
    /// How many lines have come so far.
    fn came(&self) -> usize {
        self.record.seen().lines[self.index].len()
    }

    /// Whether what has come so far is not what is due.
    fn is_wrong(&self) -> bool {
        let lines = &self.record.seen().lines[self.index];
        (0..).zip(lines).any(|(i, line)| match self.due.get(i) {
            Some(due) => !line.is(due, self.clock.late(i)),
            None => true,
        })
    }
}

/// Answers in HTTP to a client that wants a WebSocket.
async fn refuse(mut ours: Ours, status: u16) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let Ok(byte) = ours.read_u8().await else { return };
        request.push(byte);
    }
    let answer = format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n");
    // If it has gone, it needs no answer.
    let _ = ours.write_all(answer.as_bytes()).await;
}

/// Sends many long sentences, until they are not taken any more. Whether all were.
async fn flood(socket: &mut WebSocketStream<Ours>) -> bool {
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
