//! A client that is gone is found, one that is only slow is spared.

use std::{fmt::Write, time::Duration};

use futures_util::{SinkExt, StreamExt};
use level7::{PULSE, Role};
use support::{
    assert_snapshot,
    connection::{Served, shake_hands},
    deadline::never,
};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::CLOSE_DEADLINE;

use crate::{live, session};

/// One that says something until the given second, and then is gone: it reads nothing, and answers
/// no ping. (The server's Close is not answered, either: that takes 3 s, which do not count.)
#[tokio::test(start_paused = true)]
async fn a_client_that_has_vanished_is_found_within_forty_seconds() {
    let mut table = String::from("last heard    found    after\n");
    for last in [0, 1, 5, 10, 15, 19, 20, 21, 25, 30, 35, 39, 40, 41] {
        let Served { stream, ended, stop: _stop } = Served::by(session(&live(), Role::Reader));
        let mut client = shake_hands(stream).await;
        let start = Instant::now();
        for second in 1..=last {
            sleep_until(start + Duration::from_secs(second)).await;
            // A frame that nobody asked for, and no answer is due.
            client.send(Message::Pong("".into())).await.expect("the server reads");
        }
        let found = ended.await.expect("no panic").1 - start - CLOSE_DEADLINE;
        let after = found - Duration::from_secs(last);
        assert!(after >= PULSE && after <= 2 * PULSE, "last heard at {last} s: {after:?}");
        let (found, after) = (found.as_secs(), after.as_secs());
        writeln!(table, "{last:>8} s {found:>6} s {after:>6} s").expect("a string takes all");
    }
    assert_snapshot("level7_silence_table", &table);
}

/// Its answer to each ping takes 19 s, or it says nothing but reads.
#[tokio::test(start_paused = true)]
async fn a_client_that_is_slow_or_has_nothing_to_say_stays() {
    for pause in [Duration::ZERO, Duration::from_secs(19)] {
        let Served { stream, ended, stop } = Served::by(session(&live(), Role::Reader));
        let mut client = shake_hands(stream).await;
        let reading = tokio::spawn(async move {
            let mut pings = 0;
            while let Some(Ok(message)) = client.next().await {
                if message.is_ping() {
                    pings += 1;
                    sleep(pause).await;
                }
            }
            pings
        });
        sleep(Duration::from_secs(3610)).await;
        assert!(!ended.is_finished(), "it answers after {pause:?}");
        stop.cancel();
        assert_eq!(reading.await.expect("no panic"), 180);
    }
}

/// It sends all the time, and reads nothing. What it is sent fills its buffer: its machine may be
/// well, but it is no reader.
#[tokio::test(start_paused = true)]
async fn a_client_that_takes_nothing_is_closed_though_it_speaks() {
    let live = live();
    let Served { stream, ended, stop: _stop } = Served::by(session(&live, Role::Reader));
    let mut client = shake_hands(stream).await;
    let subscribe = Message::text(crate::SUBSCRIBE);
    client.send(subscribe).await.expect("the server reads");
    let log = level7::Keep::state(&live.keep).borrow().log.clone();
    let start = Instant::now();
    for _ in 0..100 {
        log.append("x".repeat(8 * 1024), false);
    }
    let speaking = async {
        while client.send(Message::Pong("".into())).await.is_ok() {
            sleep(Duration::from_secs(1)).await;
        }
    };
    let ended = tokio::select! {
        ended = ended => ended.expect("no panic").1,
        () = speaking => panic!("the server broke off"),
        () = never(Duration::from_secs(60), std::future::pending::<()>()) => unreachable!(),
    };
    assert_eq!(ended - start, PULSE + CLOSE_DEADLINE);
}

/// It publishes all the time, and takes no answer. While the server waits to give it one, it reads
/// nothing more of it: not for ever.
#[tokio::test(start_paused = true)]
async fn a_writer_that_takes_no_answer_is_closed() {
    let live = live();
    let Served { stream, ended, stop: _stop } = Served::by(session(&live, Role::Writer));
    let mut client = shake_hands(stream).await;
    let publishing = async {
        loop {
            let line = Message::text(r#"{"type":"publish","id":"the same","text":""}"#);
            if client.send(line).await.is_err() {
                std::future::pending::<()>().await;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    let hour = Duration::from_secs(3600);
    tokio::select! {
        ended = ended => drop(ended.expect("no panic")),
        () = publishing => {}
        () = sleep(hour) => panic!("it waits for ever"),
    }
    assert_eq!(live.metrics.closed_slow.load(std::sync::atomic::Ordering::Relaxed), 1);
}
