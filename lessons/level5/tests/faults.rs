//! What goes wrong, in memory and in virtual time: floods, clients that read nothing, and clients
//! that vanish. The answerers here note how many words they were asked for, and when they stopped.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use futures_util::{SinkExt, StreamExt, stream};
use level5::{
    answerer::Words,
    answers::MAX_RUNNING,
    assistant::Assistant,
    events::{Event, Request, Status, message},
};
use support::{
    client::{next, read_all},
    connection::{Served, shake_hands},
    deadline::soon,
};
use tokio::{
    io::DuplexStream,
    time::{Instant, sleep},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::frame::coding::CloseCode},
};
use websocket_streaming::{CloseWith, Ending};

/// What an answerer was asked for.
#[derive(Clone, Default)]
struct Count {
    words: Arc<AtomicUsize>,
    running: Arc<AtomicUsize>,
}

/// Counts an answer as running until it is dropped.
struct Running(Arc<AtomicUsize>);

impl Running {
    fn new(count: &Count) -> Running {
        count.running.fetch_add(1, SeqCst);
        Running(count.running.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

impl Count {
    /// An assistant that says `word` without end (or so many times), after a pause each time.
    fn assistant(&self, word: &str, times: usize, pause: Duration) -> Assistant {
        let (count, word) = (self.clone(), word.to_string());
        Assistant::new(move || {
            let (count, word) = (count.clone(), word.clone());
            move |_question: &str| -> Words {
                let (count, word, running) = (count.clone(), word.clone(), Running::new(&count));
                let words = stream::iter(0..times).then(move |_| {
                    let _running = &running;
                    let (count, word) = (count.clone(), word.clone());
                    async move {
                        if !pause.is_zero() {
                            sleep(pause).await;
                        }
                        count.words.fetch_add(1, SeqCst);
                        Ok(word)
                    }
                });
                words.boxed()
            }
        })
    }

    fn words(&self) -> usize {
        self.words.load(SeqCst)
    }

    fn running(&self) -> usize {
        self.running.load(SeqCst)
    }
}

const WORD: Duration = Duration::from_millis(50);
const ENDLESS: usize = usize::MAX;

type Client = WebSocketStream<DuplexStream>;

async fn say(client: &mut Client, request: &Request) {
    soon(client.send(message(request))).await.expect("the server reads");
}

async fn ask(client: &mut Client, id: impl ToString) {
    say(client, &Request::Ask { id: id.to_string(), text: "?".into() }).await;
}

async fn cancel(client: &mut Client, id: impl ToString) {
    say(client, &Request::Cancel { id: id.to_string() }).await;
}

fn event(message: &Message) -> Event {
    serde_json::from_str(message.to_text().expect("text")).expect("an event")
}

async fn next_event(client: &mut Client) -> Event {
    event(&next(client).await.expect("the connection stays").expect("no error"))
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_nothing_is_heard_when_it_cancels_and_its_answerer_waits() {
    let count = Count::default();
    // 16 words fill the pipe.
    let served = Served::by(count.assistant(&"x".repeat(4 * 1024), ENDLESS, Duration::ZERO));
    let mut client = shake_hands(served.stream).await;
    ask(&mut client, "q1").await;
    sleep(Duration::from_secs(1)).await;
    let words = count.words();
    assert!((16..64).contains(&words), "what fits is asked for, and no more: {words}");
    sleep(Duration::from_secs(10)).await;
    assert_eq!(count.words(), words, "nobody reads, so nobody is asked");
    assert_eq!(count.running(), 1);

    cancel(&mut client, "q1").await;
    sleep(WORD).await;
    assert_eq!(count.running(), 0, "the cancel is seen though the client reads nothing");

    // All that was under way, in order, and then the one end.
    for due in 0..words as u64 {
        let Event::Delta { seq, .. } = next_event(&mut client).await else { panic!("a delta") };
        assert_eq!(seq, due);
    }
    let end = Event::Done { id: "q1".into(), status: Status::Cancelled };
    assert_eq!(next_event(&mut client).await, end);

    // And the connection is as good as new.
    ask(&mut client, "q2").await;
    assert!(matches!(next_event(&mut client).await, Event::Delta { seq: 0, .. }));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_nothing_for_half_a_minute_is_given_up() {
    let count = Count::default();
    let served = Served::by(count.assistant(&"x".repeat(4 * 1024), ENDLESS, WORD));
    let mut client = shake_hands(served.stream).await;
    let start = Instant::now();
    ask(&mut client, "q1").await;
    let (ending, ended) = soon(served.ended).await.expect("no panic");
    // The pipe is full after 16 words; 3 s are for a goodbye that nobody reads.
    assert_eq!((ended - start).as_millis(), 16 * 50 + 30_000 + 3_000);
    let Ending::Failed(error) = ending else { panic!("{ending:?}") };
    let close: &CloseWith = error.downcast_ref().expect("a close code");
    assert_eq!(close.code, CloseCode::Again);
    assert_eq!(count.running(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_slowly_and_steadily_is_not_given_up() {
    let count = Count::default();
    // Each is more than the pipe and the write buffer take: there is always one that waits.
    let served = Served::by(count.assistant(&"x".repeat(200 * 1024), ENDLESS, Duration::ZERO));
    let mut client = shake_hands(served.stream).await;
    ask(&mut client, "q1").await;
    for due in 0..20 {
        sleep(Duration::from_secs(5)).await;
        let Event::Delta { seq, .. } = next_event(&mut client).await else { panic!("a delta") };
        assert_eq!(seq, due);
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_vanishes_with_eight_answers_running_stops_them_within_one_word() {
    let count = Count::default();
    let served = Served::by(count.assistant("word ", ENDLESS, WORD));
    let mut client = shake_hands(served.stream).await;
    for id in 0..MAX_RUNNING {
        ask(&mut client, id).await;
    }
    for _ in 0..20 {
        next_event(&mut client).await;
    }
    assert_eq!(count.running(), MAX_RUNNING);
    let (vanished, words) = (Instant::now(), count.words());
    drop(client);
    let (ending, ended) = soon(served.ended).await.expect("no panic");
    assert!(matches!(ending, Ending::ClientLeft(_)), "{ending:?}");
    assert!(ended - vanished <= WORD);
    assert_eq!(count.running(), 0, "all of them have stopped");
    assert!(count.words() <= words + MAX_RUNNING, "within one word");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_politely_stops_its_answers_too() {
    let count = Count::default();
    let served = Served::by(count.assistant("word ", ENDLESS, WORD));
    let mut client = shake_hands(served.stream).await;
    ask(&mut client, "q1").await;
    next_event(&mut client).await;
    client.close(None).await.expect("it can be sent");
    let (ending, _ended) = soon(served.ended).await.expect("no panic");
    assert!(matches!(ending, Ending::Complete), "{ending:?}");
    assert_eq!(count.running(), 0);
}

#[tokio::test(start_paused = true)]
async fn pings_are_answered_in_time_during_an_answer_of_100_000_words() {
    let count = Count::default();
    let served = Served::by(count.assistant("word ", 100_000, Duration::ZERO));
    let mut client = shake_hands(served.stream).await;
    ask(&mut client, "q1").await;
    let (mut due, mut pongs, mut since_ping) = (0, 0, None);
    loop {
        if due % 1000 == 0 && since_ping.is_none() {
            client.send(Message::Ping("alive?".into())).await.expect("the server reads");
            since_ping = Some(due);
        }
        match next(&mut client).await.expect("the connection stays").expect("no error") {
            Message::Pong(_) => {
                pongs += 1;
                // What was under way comes first: 64 KiB are 800 words.
                let waited = due - since_ping.take().expect("a ping was sent");
                assert!(waited < 2000, "{waited} words came before the pong");
            }
            message => match event(&message) {
                Event::Delta { seq, .. } => {
                    assert_eq!(seq, due);
                    due += 1;
                }
                end => {
                    assert_eq!(end, Event::Done { id: "q1".into(), status: Status::Completed });
                    break;
                }
            },
        }
    }
    assert_eq!(due, 100_000);
    assert!(pongs >= 40, "{pongs}");
}

#[tokio::test(start_paused = true)]
async fn a_cancel_is_seen_in_the_middle_of_a_flood_of_words() {
    let count = Count::default();
    let served = Served::by(count.assistant("word ", ENDLESS, Duration::ZERO));
    let mut client = shake_hands(served.stream).await;
    ask(&mut client, "q1").await;
    for _ in 0..10_000 {
        next_event(&mut client).await;
    }
    cancel(&mut client, "q1").await;
    let mut more = 0;
    while let Event::Delta { .. } = next_event(&mut client).await {
        more += 1;
    }
    // No more than what was under way.
    assert!(more < 2000, "{more} words came after the cancel");
    assert_eq!(count.running(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_never_pauses_leaves_the_others_their_turn() {
    let count = Count::default();
    let served = Served::by(count.assistant("word ", ENDLESS, Duration::ZERO));
    let mut client = shake_hands(served.stream).await;
    for id in 0..MAX_RUNNING {
        ask(&mut client, id).await;
    }
    let mut words = [0; MAX_RUNNING];
    for _ in 0..8000 {
        let Event::Delta { id, .. } = next_event(&mut client).await else { panic!("a delta") };
        words[id.parse::<usize>().expect("a number")] += 1;
    }
    assert!(words.iter().all(|words| *words > 500), "{words:?}");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_stops_talking_gets_its_answer_meanwhile() {
    let count = Count::default();
    let served = Served::by(count.assistant("word ", 1000, Duration::ZERO));
    let mut client = shake_hands(served.stream).await;
    ask(&mut client, "q1").await;
    let (mut sink, mut stream) = client.split();
    // Nothing that would be answered: so there is always more to read, and nothing to wait for.
    let talking = async {
        for _ in 0..200_000 {
            let cancel = Request::Cancel { id: "never asked".into() };
            sink.feed(message(&cancel)).await.expect("the server reads");
        }
    };
    let listening = async {
        let mut words = 0;
        loop {
            let message = soon(stream.next()).await.expect("the connection stays");
            match event(&message.expect("no error")) {
                Event::Delta { .. } => words += 1,
                _end => return words,
            }
        }
    };
    tokio::select! {
        words = listening => assert_eq!(words, 1000),
        () = talking => panic!("the answer has waited for the client to be silent"),
    }
}

#[tokio::test(start_paused = true)]
async fn of_ten_thousand_asks_in_one_burst_every_one_has_its_end_or_its_error() {
    let count = Count::default();
    let served = Served::by(count.assistant("word ", 3, WORD));
    let client = shake_hands(served.stream).await;
    let (mut sink, mut stream) = client.split();
    let asking = async {
        for id in 0..10_000 {
            let ask = Request::Ask { id: id.to_string(), text: "?".into() };
            sink.feed(message(&ask)).await.expect("the server reads");
        }
        sink.flush().await.expect("the server reads");
    };
    let reading = async {
        let mut ends = vec![0; 10_000];
        while ends.contains(&0) {
            let message = soon(stream.next()).await.expect("the connection stays");
            let id = match event(&message.expect("no error")) {
                Event::Done { id, status: Status::Completed } => id,
                Event::Error { id: Some(id), .. } => id,
                Event::Delta { .. } => continue,
                other => panic!("{other:?}"),
            };
            ends[id.parse::<usize>().expect("a number")] += 1;
        }
        ends
    };
    let ((), ends) = tokio::join!(asking, reading);
    assert!(ends.iter().all(|ends| *ends == 1), "exactly one for each");
    assert_eq!(count.running(), 0);
}

#[tokio::test(start_paused = true)]
async fn one_that_asks_on_and_never_reads_is_closed_with_1008() {
    let count = Count::default();
    let served = Served::by(count.assistant("word ", ENDLESS, Duration::from_secs(3600)));
    let mut client = shake_hands(served.stream).await;
    // What fits into the pipe, what may wait, and as much again.
    for _ in 0..6000 {
        client.feed(Message::text("?")).await.expect("the server reads");
    }
    // The server may well have given up by now.
    let _ = client.flush().await;
    let (ending, _ended) = soon(served.ended).await.expect("no panic");
    let Ending::Failed(error) = ending else { panic!("{ending:?}") };
    let close: &CloseWith = error.downcast_ref().expect("a close code");
    assert_eq!(close.code, CloseCode::Policy);
    let (messages, _error) = read_all(&mut client).await;
    let errors = messages.iter().filter(|message| message.is_text()).count();
    assert!((500..3000).contains(&errors), "{errors}");
}
