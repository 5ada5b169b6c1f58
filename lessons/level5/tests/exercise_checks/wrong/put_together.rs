use std::time::Duration;

use anyhow::Result;
use level5::events::{Event, Status};
use tokio::time::timeout;
use websocket_streaming::{CloseWith, WebSocket, close, next_text};

use crate::right::put_together::{QUESTIONS, ask};

mistakes! { put_together, client:
    is_not_changed => "The wrong ending",
    gives_up_when_the_server_vanishes => "client returns an error; due was: returns \"q1 cut off: How | q2 cancelled: Do\"",
    takes_a_close_for_the_end => "The judge also plays others",
    stops_at_the_first_end => "Too early an end",
    calls_every_end_completed => "client returns \"q1 completed: How long? | q2 completed: Do machines\"",
    throws_away_what_was_not_completed => "client returns \"q1 completed: How long? | q2 failed (the model is away):\"",
    waits_for_the_close_of_the_server => "Your client did not close the connection",
    leaves_without_a_goodbye => "without a Close frame",
    fears_what_it_does_not_know => "The judge also plays others",
    waits_on_after_a_refusal => "The judge also plays others",
    takes_every_error_for_its_own => "The judge also plays others",
    counts_the_ends_of_others => "The judge also plays others",
    gives_up_after_some_silence => "The judge also plays others",
    goes_by_the_beginning_of_an_id => "The judge also plays others",
}

/// How this client differs from one that is right.
#[derive(Clone, Copy, Default)]
struct Mistake {
    vanishing_is_an_error: bool,
    close_is_completed: bool,
    first_end_is_all: bool,
    all_completed: bool,
    only_completed_texts: bool,
    no_goodbye: bool,
    unknown_is_an_error: bool,
    refusal_is_ignored: bool,
    every_error_counts: bool,
    every_end_counts: bool,
    impatient: bool,
    id_begins_so: bool,
}

async fn with(socket: &mut WebSocket, mistake: Mistake) -> Result<String> {
    ask(socket).await?;
    let mut answers = QUESTIONS.map(|(id, _)| (id, String::new(), None::<String>));
    let mut foreign = 0;
    loop {
        let ended = answers.iter().filter(|(_, _, end)| end.is_some()).count() + foreign;
        if ended >= if mistake.first_end_is_all { 1 } else { 2 } {
            break;
        }
        let patience = Duration::from_secs(if mistake.impatient { 5 } else { 3600 });
        let Ok(text) = timeout(patience, next_text(socket)).await else { break };
        let text = match text {
            Ok(Some(text)) => text,
            Err(error) if mistake.vanishing_is_an_error => return Err(error),
            Ok(None) if mistake.close_is_completed => {
                answers
                    .iter_mut()
                    .for_each(|it| it.2 = Some(it.2.take().unwrap_or("completed".into())));
                break;
            }
            _ => break,
        };
        let event = match serde_json::from_str(&text) {
            Ok(event) => event,
            Err(error) if mistake.unknown_is_an_error => return Err(error.into()),
            Err(_) => continue,
        };
        let (id, text, end) = match event {
            Event::Delta { id, text, .. } => (id, text, None),
            Event::Done { id, status: Status::Completed } => {
                (id, String::new(), Some("completed".into()))
            }
            Event::Done { id, status: Status::Cancelled } => {
                (id, String::new(), Some("cancelled".into()))
            }
            Event::Done { id, status: Status::Failed { reason } } => {
                (id, String::new(), Some(format!("failed ({reason})")))
            }
            Event::Error { .. } if mistake.refusal_is_ignored => continue,
            Event::Error { id: Some(id), reason } => {
                (id, String::new(), Some(format!("failed ({reason})")))
            }
            Event::Error { id: None, reason } if mistake.every_error_counts => {
                answers.iter_mut().for_each(|it| it.2 = Some(format!("failed ({reason})")));
                continue;
            }
            Event::Error { .. } => continue,
        };
        let is_its = |own: &str| id == own || mistake.id_begins_so && id.starts_with(own);
        match answers.iter_mut().find(|answer| is_its(answer.0)) {
            Some(answer) => {
                answer.1 += &text;
                answer.2 = end.or(answer.2.take());
            }
            None if mistake.every_end_counts => foreign += usize::from(end.is_some()),
            None => {}
        }
    }
    if !mistake.no_goodbye {
        close(socket, CloseWith::normal()).await;
    }
    let lines = answers.map(|(id, text, end)| {
        let end = if mistake.all_completed {
            "completed".into()
        } else {
            end.unwrap_or("cut off".into())
        };
        let kept = !mistake.only_completed_texts || end == "completed";
        format!("{id} {end}: {}", if kept { text } else { String::new() }).trim_end().to_string()
    });
    Ok(lines.join(" | "))
}

pub async fn gives_up_after_some_silence(socket: &mut WebSocket) -> Result<String> {
    with(socket, Mistake { impatient: true, ..Mistake::default() }).await
}

pub async fn goes_by_the_beginning_of_an_id(socket: &mut WebSocket) -> Result<String> {
    with(socket, Mistake { id_begins_so: true, ..Mistake::default() }).await
}

pub async fn is_not_changed(socket: &mut WebSocket) -> Result<String> {
    ask(socket).await?;
    let mut whole = String::new();
    let mut ends = 0;
    while ends < QUESTIONS.len() {
        let Some(text) = next_text(socket).await? else { break };
        match serde_json::from_str(&text)? {
            Event::Delta { text, .. } => whole += &text,
            Event::Done { .. } | Event::Error { .. } => ends += 1,
        }
    }
    close(socket, CloseWith::normal()).await;
    Ok(whole)
}

pub async fn waits_for_the_close_of_the_server(socket: &mut WebSocket) -> Result<String> {
    ask(socket).await?;
    let mut whole = String::new();
    while let Some(text) = next_text(socket).await? {
        whole += &text;
    }
    Ok(whole)
}

pub async fn gives_up_when_the_server_vanishes(socket: &mut WebSocket) -> Result<String> {
    with(socket, Mistake { vanishing_is_an_error: true, ..Mistake::default() }).await
}

pub async fn takes_a_close_for_the_end(socket: &mut WebSocket) -> Result<String> {
    with(socket, Mistake { close_is_completed: true, ..Mistake::default() }).await
}

pub async fn stops_at_the_first_end(socket: &mut WebSocket) -> Result<String> {
    with(socket, Mistake { first_end_is_all: true, ..Mistake::default() }).await
}

pub async fn calls_every_end_completed(socket: &mut WebSocket) -> Result<String> {
    with(socket, Mistake { all_completed: true, ..Mistake::default() }).await
}

pub async fn throws_away_what_was_not_completed(socket: &mut WebSocket) -> Result<String> {
    with(socket, Mistake { only_completed_texts: true, ..Mistake::default() }).await
}

pub async fn leaves_without_a_goodbye(socket: &mut WebSocket) -> Result<String> {
    with(socket, Mistake { no_goodbye: true, ..Mistake::default() }).await
}

pub async fn fears_what_it_does_not_know(socket: &mut WebSocket) -> Result<String> {
    with(socket, Mistake { unknown_is_an_error: true, ..Mistake::default() }).await
}

pub async fn waits_on_after_a_refusal(socket: &mut WebSocket) -> Result<String> {
    with(socket, Mistake { refusal_is_ignored: true, ..Mistake::default() }).await
}

pub async fn takes_every_error_for_its_own(socket: &mut WebSocket) -> Result<String> {
    with(socket, Mistake { every_error_counts: true, ..Mistake::default() }).await
}

pub async fn counts_the_ends_of_others(socket: &mut WebSocket) -> Result<String> {
    with(socket, Mistake { every_end_counts: true, ..Mistake::default() }).await
}
