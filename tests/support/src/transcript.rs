//! Who sent what, and when: a handler's connection, played in memory and in virtual time.
//!
//! In virtual time the clock jumps to the next timer as soon as nothing else can run, so an hour
//! passes at once and every time stamp is exact. A handler that blocks its thread shows too: it
//! stops the clock, and its chunks come 0 ms apart.

use std::{fmt::Write, future::pending, time::Duration};

use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::DuplexStream,
    time::{Instant, sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};
use tokio_util::sync::CancellationToken;
use websocket_streaming::{Ending, Handler};

use crate::connection::{Served, shake_hands};

/// How long the client waits after its last action for the server to end the connection.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Virtual time takes none. Whoever needs more than this, blocks the thread.
const REAL_TIME: Duration = Duration::from_secs(10);

/// What the client does, and how many milliseconds after the handshake.
pub type Script<'a> = &'a [(u64, Action<'a>)];

#[derive(Clone, Copy, Debug)]
pub enum Action<'a> {
    Text(&'a str),
    Binary(&'a [u8]),
    Ping(&'a str),
    /// The closing handshake, begun by the client.
    Close,
    /// The connection is dropped, without a word.
    Vanish,
    /// The server is told to stop.
    StopServer,
}

pub struct Recording {
    /// One line a message: the milliseconds since the handshake, the sender, the message.
    pub transcript: String,
    /// How `serve_connection` ended, and when.
    pub ending: Ending,
    pub ended_after: Duration,
}

/// Plays `script` against `handler`, and records both sides of the wire.
///
/// To be called in virtual time: `#[tokio::test(start_paused = true)]`.
pub async fn record<H>(handler: H, script: Script<'_>) -> Recording
where
    H: Handler,
{
    let Served { stream, stop, ended } = Served::by(handler);
    let socket = shake_hands(stream).await;
    let start = Instant::now();

    let transcript = play(socket, script, start, &stop).await;
    let (ending, ended) = timeout(PATIENCE, ended)
        .await
        .expect("the connection ends when its client is gone")
        .expect("serve_connection does not panic");
    Recording { transcript, ending, ended_after: ended - start }
}

async fn play(
    socket: WebSocketStream<DuplexStream>,
    script: Script<'_>,
    start: Instant,
    stop: &CancellationToken,
) -> String {
    let mut transcript = Transcript { start, lines: String::new() };
    let mut socket = socket;
    let mut actions = script.iter().copied().peekable();
    let last = script.last().map_or(0, |(ms, _)| *ms);
    let end = start + Duration::from_millis(last) + PATIENCE;
    let started = std::time::Instant::now();
    loop {
        if started.elapsed() > REAL_TIME {
            transcript.line("server", "blocks its thread; the client gives up");
            return transcript.lines;
        }
        let due = actions.peek().map(|(ms, _)| start + Duration::from_millis(*ms));
        let next_action = async {
            match due {
                Some(due) => sleep_until(due).await,
                None => pending().await,
            }
        };
        tokio::select! {
            // What is due at the same moment is recorded in this order, always.
            biased;
            () = next_action => {
                let Some((_, action)) = actions.next() else { continue };
                let message = match action {
                    Action::Text(text) => Message::text(text),
                    Action::Binary(bytes) => Message::binary(bytes.to_vec()),
                    Action::Ping(payload) => Message::Ping(payload.as_bytes().to_vec().into()),
                    Action::Close => Message::Close(Some(CloseFrame {
                        code: CloseCode::Normal,
                        reason: "".into(),
                    })),
                    Action::Vanish => {
                        transcript.line("client", "vanishes");
                        return transcript.lines;
                    }
                    Action::StopServer => {
                        stop.cancel();
                        continue;
                    }
                };
                transcript.message("client", &message);
                if let Err(error) = socket.send(message).await {
                    transcript.line("client", &format!("cannot send: {error}"));
                }
            }
            message = socket.next() => match message {
                Some(Ok(message)) => transcript.message("server", &message),
                Some(Err(error)) => transcript.line("server", &format!("breaks off: {error}")),
                None => return transcript.lines,
            },
            () = sleep_until(end) => {
                transcript.line("server", "is still silent; the client gives up");
                return transcript.lines;
            }
        }
    }
}

struct Transcript {
    start: Instant,
    lines: String,
}

impl Transcript {
    fn message(&mut self, who: &str, message: &Message) {
        self.line(who, &describe(message));
    }

    fn line(&mut self, who: &str, what: &str) {
        let ms = self.start.elapsed().as_millis();
        writeln!(self.lines, "{}", line(ms, who, what)).expect("a string takes all");
    }
}

/// One line of a transcript.
pub fn line(ms: u128, who: &str, what: &str) -> String {
    format!("{ms:>6} ms  {who}  {what}")
}

/// Whether this is an object in JSON, by its looks.
fn is_object(text: &str) -> bool {
    text.starts_with('{') && text.ends_with('}') && !text.contains(char::is_control)
}

/// A message, as a transcript shows it.
pub fn describe(message: &Message) -> String {
    match message {
        // JSON has quotes enough: with those of a literal around it, nobody could read it.
        Message::Text(text) if is_object(text) => text.to_string(),
        // In quotes: the white space at the end of a chunk is a part of it.
        Message::Text(text) => format!("{:?}", text.as_str()),
        Message::Binary(bytes) if bytes.len() <= 16 => {
            bytes.iter().fold("binary".to_string(), |all, byte| format!("{all} {byte:02x}"))
        }
        Message::Binary(bytes) => format!("binary, {} bytes", bytes.len()),
        Message::Ping(payload) => format!("ping {:?}", String::from_utf8_lossy(payload)),
        Message::Pong(payload) => format!("pong {:?}", String::from_utf8_lossy(payload)),
        Message::Close(None) => "close".to_string(),
        Message::Close(Some(frame)) if frame.reason.is_empty() => {
            format!("close {}", u16::from(frame.code))
        }
        Message::Close(Some(frame)) => {
            format!("close {} {:?}", u16::from(frame.code), frame.reason.as_str())
        }
        Message::Frame(_) => unreachable!("tungstenite never reads a bare frame"),
    }
}
