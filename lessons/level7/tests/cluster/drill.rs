//! Many readers and two writers behind nginx, while something is killed: each reader has every line
//! once. They are the course's own client.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use level6::{Seen, full_jitter};
use level7::{Client, Outbox, PULSE, Server, Shown, Token};
use support::{deadline::DEADLINE, process};
use tokio::{
    runtime::Builder,
    sync::{mpsc, oneshot},
    task::{LocalSet, spawn_local},
    time::{interval, sleep, timeout},
};

use crate::{broker::Broker, folder::Folder, proxy::Nginx, servers::server};

const TOKEN: &str = "the-token-of-a-writer-in-this-test";

/// What happens in the middle.
#[derive(Clone, Copy, PartialEq)]
pub enum Fault {
    /// One of the two servers is killed, as by a crash.
    Kill,
    /// One of the two servers is told to stop.
    Stop,
    /// The broker is killed, and started again.
    Broker,
}

pub struct Drill {
    pub readers: usize,
    /// Of both writers together, a second.
    pub rate: u32,
    pub seconds: u32,
    pub fault: Fault,
}

const SMALL: Drill = Drill { readers: 40, rate: 100, seconds: 2, fault: Fault::Kill };

pub async fn a_server_is_killed_and_every_reader_has_every_line_once() {
    SMALL.run().await;
}

pub async fn a_server_says_goodbye_and_every_reader_has_every_line_once() {
    Drill { fault: Fault::Stop, ..SMALL }.run().await;
}

pub async fn the_broker_is_killed_and_every_reader_has_every_line_once() {
    Drill { fault: Fault::Broker, ..SMALL }.run().await;
}

/// What a reader has gone through.
#[derive(Default)]
struct Report {
    /// How often each line came, for each of the two writers.
    lines: [Vec<u8>; 2],
    lost: u64,
    anew: bool,
    /// From the loss of a connection to the next line.
    back: Vec<Duration>,
}

impl Drill {
    pub async fn run(self) {
        let mut broker = Broker::start().await;
        let folder = Folder::new();
        let token = folder.write("writer.token", TOKEN);
        let token = token.to_str().expect("a path of ours");
        let rate = (2 * self.rate).to_string();
        let flags = ["--behind-proxy", "--writer-token-file", token, "--messages", &rate];
        let flags = [&flags[..], &["--per-address", "5000", "--goodbye", "1"]].concat();
        let mut a = server(&broker, &flags).await;
        let b = server(&broker, &flags).await;
        let nginx = Nginx::start(a.address(), b.address()).await;

        let begun = Arc::new(AtomicUsize::new(0));
        let lines = (self.rate * self.seconds / 2) as usize;
        // One half of them on each of two threads.
        let readers: Vec<_> = (0..2)
            .map(|half| {
                let (server, begun) = (nginx.server(None), begun.clone());
                let readers = (self.readers + half) / 2;
                let all = move || {
                    join_all((0..readers).map(|_| read(server.clone(), lines, begun.clone())))
                };
                on_a_thread(all)
            })
            .collect();
        wait_until(|| begun.load(Relaxed) == self.readers).await;

        let kept = Arc::new(AtomicUsize::new(0));
        let writers: Vec<_> = (0..2)
            .map(|index| {
                let server = nginx.server(Token::checked(TOKEN).ok());
                let (rate, kept) = (self.rate / 2, kept.clone());
                on_a_thread(move || write(server, index, lines, rate, kept))
            })
            .collect();
        wait_until(|| kept.load(Relaxed) >= lines).await;
        match self.fault {
            Fault::Kill => a.kill().await,
            Fault::Stop => stop(&a),
            Fault::Broker => {
                broker.kill().await;
                sleep(Duration::from_secs(1)).await;
                broker.start_again().await;
            }
        }
        for writer in writers {
            timeout(DEADLINE, writer).await.expect("in time").expect("no panic");
        }
        // The last of all.
        write(nginx.server(Token::checked(TOKEN).ok()), 2, 1, 100, kept).await;

        let reports = timeout(2 * DEADLINE, join_all(readers)).await.expect("all have the last");
        let reports: Vec<Report> =
            reports.into_iter().flat_map(|half| half.expect("no panic")).collect();
        assert_eq!(reports.len(), self.readers);
        for report in &reports {
            assert_eq!((report.lost, report.anew), (0, false));
            for seen in &report.lines {
                let wrong: Vec<_> = seen.iter().enumerate().filter(|it| *it.1 != 1).collect();
                assert!(wrong.is_empty(), "lines that did not come once, and how often: {wrong:?}");
            }
        }
        let mut back: Vec<_> = reports.into_iter().flat_map(|it| it.back).collect();
        back.sort();
        if self.fault == Fault::Broker {
            assert!(back.is_empty(), "readers stay where they are: {back:?}");
        } else {
            assert!(!back.is_empty(), "no reader was at the server that is gone");
            let (median, last) = (back[back.len() / 2], back[back.len() - 1]);
            println!(
                "{} readers, {} lines a second: {} readers lost their server and were back after \
                 {median:.1?} (median), {last:.1?} (the last)",
                self.readers,
                self.rate,
                back.len(),
            );
            assert!(median < Duration::from_secs(3), "{median:?}");
        }
        // The token came through nginx in a header, and is in no log.
        assert!(!nginx.access_log().contains(TOKEN));
    }
}

/// Reads until the last line of all has come.
async fn read(server: Server, lines: usize, begun: Arc<AtomicUsize>) -> Report {
    let mut report = Report { lines: [vec![0; lines], vec![0; lines]], ..Report::default() };
    let (end, ended) = oneshot::channel();
    let (mut end, mut lost_at, mut is_first) = (Some(end), None, true);
    let follow = client(&server).follow(u64::MAX, |shown| match shown {
        Shown::Seen(Seen::Connected) if is_first => {
            is_first = false;
            begun.fetch_add(1, Relaxed);
        }
        Shown::Seen(Seen::Line(text, _)) => {
            report.back.extend(lost_at.take().map(|it: Instant| it.elapsed()));
            let mut words = text.split(' ').map(|it| it.parse::<usize>().expect("a number"));
            let (writer, number) = (words.next().expect("it"), words.next().expect("it"));
            match report.lines.get_mut(writer) {
                Some(seen) => seen[number] += 1,
                None => _ = end.take().map(|end| end.send(())),
            }
        }
        Shown::Seen(Seen::Waiting(..)) => _ = lost_at.get_or_insert_with(Instant::now),
        Shown::Seen(Seen::Lost(count)) => report.lost += count,
        Shown::Seen(Seen::Anew) => report.anew = true,
        _ => {}
    });
    tokio::select! {
        gave_up = follow => panic!("a reader gave up: {gave_up:?}"),
        _ = ended => {}
    }
    report
}

/// Publishes so many lines, and waits until all are kept.
async fn write(server: Server, index: usize, lines: usize, rate: u32, kept: Arc<AtomicUsize>) {
    let (sender, receiver) = mpsc::channel(16);
    spawn_local(async move {
        let mut ticks = interval(Duration::from_secs(1) / rate);
        for number in 0..lines {
            ticks.tick().await;
            sender.send(format!("{index} {number}")).await.expect("the writer takes it");
        }
    });
    let outbox = Outbox::new(format!("writer {index}"));
    let publish = client(&server).publish(receiver, outbox, 2 * rate, |shown| match shown {
        Shown::Kept(_) => _ = kept.fetch_add(1, Relaxed),
        Shown::Refused(text, reason) => panic!("{text:?} is refused: {reason}"),
        _ => {}
    });
    publish.await.expect("a writer does not give up");
}

fn client(
    server: &Server,
) -> Client<impl AsyncFnMut() -> Result<websocket_streaming::WebSocket, level6::Lost>> {
    Client { dial: async || server.dial().await, once: false, jitter: full_jitter, pulse: PULSE }
}

/// As a service manager would.
fn stop(server: &process::Server) {
    let id = server.pid().to_string();
    let status = std::process::Command::new("kill").args(["-TERM", &id]).status();
    assert!(status.is_ok_and(|status| status.success()), "it runs");
}

/// Clients on a thread of their own: what one group of them does is no reason for another to wait.
fn on_a_thread<F: Future<Output: Send + 'static>>(
    work: impl FnOnce() -> F + Send + 'static,
) -> oneshot::Receiver<F::Output> {
    let (sender, output) = oneshot::channel();
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let output = runtime.block_on(LocalSet::new().run_until(async { work().await }));
        // An error means that the test has failed already.
        let _ = sender.send(output);
    });
    output
}

async fn wait_until(what: impl Fn() -> bool) {
    let waiting = async {
        while !what() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(2 * DEADLINE, waiting).await.expect("it happens before the deadline");
}
