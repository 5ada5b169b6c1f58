use std::{collections::HashMap, time::Duration};

use anyhow::{Context, Result};
use futures_util::{SinkExt, future::BoxFuture};
use level7::{Answer, Request};
use tokio::time::sleep;
use websocket_streaming::{CloseWith, ConnectError, WebSocket, close, next_text};

mistakes! { publish, dialing:
    never_comes_back => "Too early an end: your client returns an error at 60 ms; due was: client connects at 1060 ms",
    takes_what_is_sent_for_kept => "Too early an end: your client sent close 1000 at 0 ms",
    makes_new_ids => "\"id\":\"ada-4\"",
    sends_all_again => "\"id\":\"ada-1\"",
    sends_nothing_again => "due was: client {\"type\":\"publish\",\"id\":\"ada-2\",\"text\":\"milk\"} at 1060 ms",
    sends_again_only_the_first => "came at 2110 ms; due was 1060 ms",
    sends_one_at_a_time => "came at 50 ms; due was 0 ms",
    counts_answers => "Too early an end: your client sent close 1000 at 70 ms",
    takes_answers_in_the_order_of_the_lines => "\"id\":\"ada-3\"",
    returns_numbers_in_the_order_of_the_answers => "your client returns \"12 15 17\"; due was: returns \"15 17 12\"",
    comes_back_without_a_wait => "The right line, but 1,000 ms too early",
    gives_up_where_nobody_is => "due was: client connects at 2060 ms",
    leaves_without_a_goodbye => "due was: client close 1000",
    waits_for_an_answer_that_was_given => "The judge also plays others",
    takes_a_notice_for_an_error => "Too early an end: your client sent close 1000 at 60 ms",
}

const LIST: [&str; 3] = ["bread", "milk", "tea"];
const SECOND: Duration = Duration::from_secs(1);

pub type Dial = Box<dyn Fn() -> BoxFuture<'static, Result<WebSocket, ConnectError>> + Send + Sync>;

type Numbers = [Option<u64>; LIST.len()];

fn id(index: usize) -> String {
    format!("ada-{}", index + 1)
}

async fn send(socket: &mut WebSocket, id: String, text: &str) -> Result<()> {
    Ok(socket.send(Request::Publish { id, text: text.into() }.encode()).await?)
}

async fn send_missing(socket: &mut WebSocket, numbers: &Numbers) -> Result<()> {
    for (index, text) in LIST.into_iter().enumerate() {
        if numbers[index].is_none() {
            send(socket, id(index), text).await?;
        }
    }
    Ok(())
}

/// The id and the number of the next line that is kept.
async fn next_kept(socket: &mut WebSocket) -> Result<(String, u64)> {
    loop {
        let text = next_text(socket).await?.context("the connection is over")?;
        if let Answer::Published { id, seq } = serde_json::from_str(&text)? {
            return Ok((id, seq));
        }
    }
}

async fn wait_for_all(socket: &mut WebSocket, numbers: &mut Numbers) -> Result<()> {
    while numbers.contains(&None) {
        let (whose, seq) = next_kept(socket).await?;
        if let Some(index) = (0..LIST.len()).find(|&index| id(index) == whose) {
            numbers[index] = Some(seq);
        }
    }
    Ok(())
}

fn joined(numbers: &Numbers) -> String {
    numbers.iter().flatten().map(u64::to_string).collect::<Vec<_>>().join(" ")
}

async fn goodbye(socket: &mut WebSocket) {
    close(socket, CloseWith::normal()).await;
}

pub async fn never_comes_back(dial: Dial) -> Result<String> {
    let (mut socket, mut numbers) = (dial().await?, [None; 3]);
    send_missing(&mut socket, &numbers).await?;
    wait_for_all(&mut socket, &mut numbers).await?;
    goodbye(&mut socket).await;
    Ok(joined(&numbers))
}

pub async fn takes_what_is_sent_for_kept(dial: Dial) -> Result<String> {
    let mut socket = dial().await?;
    send_missing(&mut socket, &[None; 3]).await?;
    goodbye(&mut socket).await;
    Ok("7 8 9".into())
}

pub async fn makes_new_ids(dial: Dial) -> Result<String> {
    let (mut numbers, mut next): (Numbers, _) = ([None; 3], 0);
    let mut whose = HashMap::new();
    loop {
        if let Ok(mut socket) = dial().await {
            for (index, text) in LIST.into_iter().enumerate() {
                if numbers[index].is_none() {
                    whose.insert(id(next), index);
                    send(&mut socket, id(next), text).await?;
                    next += 1;
                }
            }
            while let Ok((id, seq)) = next_kept(&mut socket).await {
                numbers[whose[&id]] = Some(seq);
                if !numbers.contains(&None) {
                    break;
                }
            }
            goodbye(&mut socket).await;
            if !numbers.contains(&None) {
                return Ok(joined(&numbers));
            }
        }
        sleep(SECOND).await;
    }
}

pub async fn sends_all_again(dial: Dial) -> Result<String> {
    loop {
        let mut numbers = [None; 3];
        if let Ok(mut socket) = dial().await {
            send_missing(&mut socket, &numbers).await?;
            let outcome = wait_for_all(&mut socket, &mut numbers).await;
            goodbye(&mut socket).await;
            if outcome.is_ok() {
                return Ok(joined(&numbers));
            }
        }
        sleep(SECOND).await;
    }
}

pub async fn sends_nothing_again(dial: Dial) -> Result<String> {
    let (mut numbers, mut sent) = ([None; 3], false);
    loop {
        if let Ok(mut socket) = dial().await {
            if !sent {
                send_missing(&mut socket, &numbers).await?;
                sent = true;
            }
            let outcome = wait_for_all(&mut socket, &mut numbers).await;
            goodbye(&mut socket).await;
            if outcome.is_ok() {
                return Ok(joined(&numbers));
            }
        }
        sleep(SECOND).await;
    }
}

pub async fn sends_again_only_the_first(dial: Dial) -> Result<String> {
    let (mut numbers, mut first) = ([None; 3], true);
    loop {
        if let Ok(mut socket) = dial().await {
            let missing = numbers.iter().position(Option::is_none).unwrap_or(0);
            match first {
                true => send_missing(&mut socket, &numbers).await?,
                false => send(&mut socket, id(missing), LIST[missing]).await?,
            }
            first = false;
            let outcome = wait_for_all(&mut socket, &mut numbers).await;
            goodbye(&mut socket).await;
            if outcome.is_ok() {
                return Ok(joined(&numbers));
            }
        }
        sleep(SECOND).await;
    }
}

pub async fn sends_one_at_a_time(dial: Dial) -> Result<String> {
    let mut numbers = [None; 3];
    'again: loop {
        if let Ok(mut socket) = dial().await {
            for (index, text) in LIST.into_iter().enumerate() {
                while numbers[index].is_none() {
                    let sent = send(&mut socket, id(index), text).await;
                    match (sent, next_kept(&mut socket).await) {
                        (Ok(()), Ok((_, seq))) => numbers[index] = Some(seq),
                        _ => continue 'again,
                    }
                }
            }
            goodbye(&mut socket).await;
            return Ok(joined(&numbers));
        }
        sleep(SECOND).await;
    }
}

/// An answer that comes twice is counted twice.
pub async fn counts_answers(dial: Dial) -> Result<String> {
    let (mut numbers, mut count) = ([None; 3], 0);
    loop {
        if let Ok(mut socket) = dial().await {
            send_missing(&mut socket, &numbers).await?;
            while count < LIST.len() {
                let Ok((whose, seq)) = next_kept(&mut socket).await else { break };
                count += 1;
                if let Some(index) = (0..LIST.len()).find(|&index| id(index) == whose) {
                    numbers[index] = Some(seq);
                }
            }
            goodbye(&mut socket).await;
            if count == LIST.len() {
                return Ok(joined(&numbers));
            }
        }
        sleep(SECOND).await;
    }
}

pub async fn takes_answers_in_the_order_of_the_lines(dial: Dial) -> Result<String> {
    let mut numbers = [None; 3];
    loop {
        if let Ok(mut socket) = dial().await {
            send_missing(&mut socket, &numbers).await?;
            while let Some(index) = numbers.iter().position(Option::is_none) {
                let Ok((_, seq)) = next_kept(&mut socket).await else { break };
                numbers[index] = Some(seq);
            }
            goodbye(&mut socket).await;
            if !numbers.contains(&None) {
                return Ok(joined(&numbers));
            }
        }
        sleep(SECOND).await;
    }
}

pub async fn returns_numbers_in_the_order_of_the_answers(dial: Dial) -> Result<String> {
    let (mut numbers, mut order) = ([None; 3], Vec::new());
    loop {
        if let Ok(mut socket) = dial().await {
            send_missing(&mut socket, &numbers).await?;
            while numbers.contains(&None) {
                let Ok((whose, seq)) = next_kept(&mut socket).await else { break };
                let index = (0..LIST.len()).find(|&index| id(index) == whose);
                if index.is_some_and(|index| numbers[index].replace(seq).is_none()) {
                    order.push(seq.to_string());
                }
            }
            goodbye(&mut socket).await;
            if !numbers.contains(&None) {
                return Ok(order.join(" "));
            }
        }
        sleep(SECOND).await;
    }
}

/// Right, but for how long it waits, and whether it says goodbye.
async fn persistent(dial: Dial, wait: Duration, polite: bool, patient: bool) -> Result<String> {
    let mut numbers = [None; 3];
    loop {
        match dial().await {
            Ok(mut socket) => {
                send_missing(&mut socket, &numbers).await?;
                let outcome = wait_for_all(&mut socket, &mut numbers).await;
                if polite {
                    goodbye(&mut socket).await;
                }
                if outcome.is_ok() {
                    return Ok(joined(&numbers));
                }
            }
            Err(error) if !patient => return Err(error.into()),
            Err(_) => {}
        }
        sleep(wait).await;
    }
}

pub async fn comes_back_without_a_wait(dial: Dial) -> Result<String> {
    persistent(dial, Duration::ZERO, true, true).await
}

pub async fn gives_up_where_nobody_is(dial: Dial) -> Result<String> {
    persistent(dial, SECOND, true, false).await
}

pub async fn leaves_without_a_goodbye(dial: Dial) -> Result<String> {
    persistent(dial, SECOND, false, true).await
}

/// It comes back, and sends again, for every message that is not `published`.
pub async fn takes_a_notice_for_an_error(dial: Dial) -> Result<String> {
    let mut numbers = [None; 3];
    loop {
        if let Ok(mut socket) = dial().await {
            send_missing(&mut socket, &numbers).await?;
            while numbers.contains(&None) {
                let Ok(Some(text)) = next_text(&mut socket).await else { break };
                let Ok(Answer::Published { id: whose, seq }) = serde_json::from_str(&text) else {
                    break;
                };
                if let Some(index) = (0..LIST.len()).find(|&index| id(index) == whose) {
                    numbers[index] = Some(seq);
                }
            }
            goodbye(&mut socket).await;
            if !numbers.contains(&None) {
                return Ok(joined(&numbers));
            }
        }
        sleep(SECOND).await;
    }
}

/// Right, but for the `error`.
pub async fn waits_for_an_answer_that_was_given(dial: Dial) -> Result<String> {
    let mut numbers = [None; 3];
    loop {
        if let Ok(mut socket) = dial().await {
            send_missing(&mut socket, &numbers).await?;
            let all = wait_for_all(&mut socket, &mut numbers).await;
            goodbye(&mut socket).await;
            if all.is_ok() {
                return Ok(joined(&numbers));
            }
        }
        sleep(SECOND).await;
    }
}
