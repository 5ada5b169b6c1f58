//! How long the client waits for a server that says nothing, in memory and in virtual time.

use std::{future::pending, time::Duration};

use futures_util::{SinkExt, StreamExt};
use level5::{
    client::{Ending, Partner},
    events::{Event, Status, message},
};
use support::connection::in_memory;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, timeout},
};
use websocket_streaming::WebSocket;

/// Asks one question of this server. Returns how the answer ended, and when.
async fn ask(server: impl AsyncFnOnce(WebSocket)) -> (Ending, u64) {
    let (near, far) = in_memory(64 * 1024).await;
    let (_keep, mut interrupts) = mpsc::channel(1);
    let start = Instant::now();
    let mut partner = Partner::over(far);
    let asking = async {
        tokio::select! {
            ending = partner.ask("Why?", &mut interrupts, |_words| {}) => ending,
            () = server(near) => panic!("the server is the first to go"),
        }
    };
    // In virtual time, ten minutes are over at once.
    let ending = timeout(Duration::from_secs(600), asking).await.expect("it ends");
    (ending, start.elapsed().as_secs())
}

#[tokio::test(start_paused = true)]
async fn a_server_that_answers_pings_may_think_for_minutes() {
    let thinks = async |socket: WebSocket| {
        let (mut sink, mut stream) = socket.split();
        let reading = async { while stream.next().await.is_some() {} };
        let answering = async {
            sleep(Duration::from_secs(250)).await;
            let done = Event::Done { id: "q1".into(), status: Status::Completed };
            sink.send(message(&done)).await.expect("the client reads");
            pending::<()>().await;
        };
        tokio::join!(reading, answering);
    };
    assert_eq!(ask(thinks).await, (Ending::Completed, 250));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_answers_nothing_is_given_up_after_a_minute() {
    let is_stopped = async |_socket: WebSocket| pending().await;
    let reason = "the server was silent for 60 s".into();
    assert_eq!(ask(is_stopped).await, (Ending::CutOff(reason), 60));
}
