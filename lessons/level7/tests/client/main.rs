//! The client, in virtual time: what it sends again, when it comes back, when it gives up.

#[path = "../support/fake.rs"]
mod fake;
mod publishing;

use std::{collections::VecDeque, fmt::Write, net::Ipv4Addr, sync::Arc, time::Duration};

use futures_util::{SinkExt, StreamExt};
use level6::{Log, Lost, Seen};
use level7::{
    Allowance, Client, Keep, Live, Memory, Origins, PULSE, Role, Session, Settings, Shown,
};
use support::{assert_snapshot, connection::Served};
use tokio::{
    io::duplex,
    time::{Instant, sleep},
};
use tokio_tungstenite::{
    accept_async, client_async,
    tungstenite::{Message, protocol::frame::coding::CloseCode},
};
use websocket_streaming::{ByteStream, CLOSE_DEADLINE, CloseWith, Handler, WebSocket, next_text};

/// What the client finds when it dials.
enum Found<K = Memory> {
    /// Nobody listens.
    Nobody,
    /// The server, and for how many milliseconds the connection holds.
    Live(Arc<Live<K>>, u64),
    /// A server that says this, and closes with this code.
    Closes(&'static str, u16),
    /// A server that says nothing and answers no ping.
    Silent,
}

struct Closes(&'static str, u16);

impl Handler for Closes {
    async fn handle(&self, socket: &mut WebSocket) -> anyhow::Result<()> {
        next_text(socket).await?;
        socket.send(Message::text(self.0)).await?;
        Err(CloseWith::new(CloseCode::from(self.1), "so it is").into())
    }
}

async fn connected(served: Served) -> WebSocket {
    let stream: Box<dyn ByteStream> = Box::new(served.stream);
    client_async("ws://memory/", stream).await.expect("the handshake succeeds").0
}

async fn dial<K: Keep>(found: Found<K>) -> Result<WebSocket, Lost> {
    match found {
        Found::Nobody => Err(Lost::for_now("nobody listens")),
        Found::Live(live, ms) => {
            let served = Served::by(Session {
                live,
                address: Ipv4Addr::LOCALHOST.into(),
                role: Some(Role::Writer),
                allowance: Allowance::default(),
            });
            let server = served.ended.abort_handle();
            tokio::spawn(async move {
                sleep(Duration::from_millis(ms)).await;
                // As if it were killed: no goodbye.
                server.abort();
            });
            Ok(connected(served).await)
        }
        Found::Closes(text, code) => Ok(connected(Served::by(Closes(text, code))).await),
        Found::Silent => {
            let (near, mut far) = duplex(64 * 1024);
            tokio::spawn(async move {
                let mut socket = accept_async(&mut far).await.expect("a client");
                let _ = socket.next().await;
                std::future::pending::<()>().await;
            });
            let stream: Box<dyn ByteStream> = Box::new(near);
            Ok(client_async("ws://memory/", stream).await.expect("it agrees").0)
        }
    }
}

/// A client that waits as long as it may: without chance, so that a test knows when.
fn client<K: Keep>(found: Vec<Found<K>>) -> Client<impl AsyncFnMut() -> Result<WebSocket, Lost>> {
    let mut found = VecDeque::from(found);
    let dial = async move || dial(found.pop_front().unwrap_or(Found::Nobody)).await;
    Client { dial, once: false, jitter: |limit| limit, pulse: PULSE }
}

fn live_with<K: Keep>(keep: K) -> Arc<Live<K>> {
    let address = "127.0.0.1:8765".parse().expect("an address");
    Live::new(keep, Settings::new(Origins::own(address, false)))
}

/// A log with these many lines.
fn log_of(name: &str, lines: u64) -> Arc<Log> {
    let log = Log::new(name);
    for number in 1..=lines {
        log.append(format!("line {number}"), false);
    }
    log
}

/// Writes down what is shown, with times.
struct Notes {
    start: Instant,
    text: String,
    shown: Vec<Shown>,
}

impl Notes {
    fn new() -> Notes {
        Notes { start: Instant::now(), text: String::new(), shown: Vec::new() }
    }

    fn add(&mut self, shown: Shown) {
        let ms = self.start.elapsed().as_millis();
        writeln!(self.text, "{ms:>6} ms  {shown:?}").expect("room");
        self.shown.push(shown);
    }
}

/// What a client that reads has seen, and why it gave up, if it did within ten minutes.
async fn follow<K: Keep>(found: Vec<Found<K>>) -> (Notes, Option<String>) {
    let mut notes = Notes::new();
    let following = client(found).follow(10, |shown| notes.add(shown));
    let outcome = tokio::time::timeout(Duration::from_secs(600), following).await;
    let error = outcome.ok().and_then(Result::err).map(|error| error.to_string());
    (notes, error)
}

#[tokio::test(start_paused = true)]
async fn it_goes_on_at_another_server_that_has_the_same_log() {
    // Two servers with one log, as with a broker.
    let log = log_of("a", 2);
    let servers = [(); 2].map(|()| live_with(Memory::new(log.clone())));
    let lines = log.clone();
    tokio::spawn(async move {
        for _ in 0..10 {
            sleep(Duration::from_millis(100)).await;
            lines.append("more".into(), false);
        }
        lines.end(None);
    });
    let [first, second] = servers;
    let (notes, error) = follow(vec![Found::Live(first, 350), Found::Live(second, 9000)]).await;
    assert_snapshot("level7_another_server_transcript", &notes.text);
    assert_eq!(error, None);
}

/// The second server is behind: it does not have yet what the reader has already.
#[tokio::test(start_paused = true)]
async fn a_server_that_is_behind_makes_it_wait_and_not_give_up() {
    let ahead = Log::copy_from("a", 1);
    let behind = Log::copy_from("a", 1);
    for number in 1..=5 {
        ahead.append(format!("line {number}"), false);
    }
    let slow = behind.clone();
    tokio::spawn(async move {
        for number in 1..=7 {
            sleep(Duration::from_millis(300)).await;
            slow.append(format!("line {number}"), false);
        }
        slow.end(None);
    });
    let servers = [ahead, behind].map(|log| live_with(Memory::new(log)));
    let (notes, error) = follow(servers.map(|it| Found::Live(it, 1000)).into()).await;
    let lines =
        notes.shown.iter().filter(|it| matches!(it, Shown::Seen(Seen::Line(..) | Seen::Lost(_))));
    let due: Vec<_> =
        (1..=7).map(|n| Shown::Seen(Seen::Line(format!("line {n}"), false))).collect();
    assert!(lines.eq(&due), "{}", notes.text);
    assert_eq!(error, None);
}

#[tokio::test(start_paused = true)]
async fn it_comes_back_where_that_may_help_and_nowhere_else() {
    for code in [1001, 1011, 1012, 1013] {
        let (notes, error) = follow(vec![Found::<Memory>::Closes("{}", code)]).await;
        // What it said is no event: that alone would end it.
        assert!(error.is_some_and(|it| it.contains("no server of live logs")), "{}", notes.text);
        let hello = r#"{"type":"notice","live":false,"text":"hm"}"#;
        let (notes, error) = follow(vec![Found::<Memory>::Closes(hello, code)]).await;
        assert_eq!(notes.shown[1], Shown::Notice("hm".into()));
        assert_eq!(error, None, "{code}: {}", notes.text);
    }
    for code in [1000, 1002, 1003, 1008, 4401] {
        let hello = r#"{"type":"something","new":true}"#;
        let (notes, error) = follow(vec![Found::<Memory>::Closes(hello, code)]).await;
        let error = error.unwrap_or_else(|| panic!("{code}: {}", notes.text));
        assert!(error.contains("so it is"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_silent_is_given_up_after_forty_seconds() {
    let live = live_with(Memory::new(log_of("a", 1)));
    let (notes, _) = follow(vec![Found::Silent, Found::Live(live, 100_000)]).await;
    let wait = "the server was silent for 20 s";
    let Shown::Seen(Seen::Waiting(reason, _)) = &notes.shown[1] else { panic!("{}", notes.text) };
    assert_eq!(reason, wait);
    let ms = (2 * PULSE + CLOSE_DEADLINE).as_millis();
    assert!(notes.text.contains(&format!("{ms} ms  Seen(Waiting")), "{}", notes.text);
}

/// Nothing is said on either side but pings, for ten minutes.
#[tokio::test(start_paused = true)]
async fn a_quiet_log_is_not_taken_for_a_dead_server() {
    let live = live_with(Memory::new(log_of("a", 1)));
    let (notes, error) = follow(vec![Found::Live(live, 3_600_000)]).await;
    assert_eq!(notes.shown.len(), 2, "{}", notes.text);
    assert_eq!(error, None);
}
