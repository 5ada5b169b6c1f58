//! A solution of `lessons/level5/exercises/put_together.rs`: its `put_together` and a struct.

use anyhow::Result;
use futures_util::SinkExt;
use level5::events::{Event, Request, Status, message};
use websocket_streaming::{CloseWith, WebSocket, close, next_text};

const QUESTIONS: [(&str, &str); 2] =
    [("q1", "I am tired of polling"), ("q2", "Are you a machine?")];

/// An answer as far as it has come.
struct Answer {
    id: &'static str,
    text: String,
    /// `None` until it has ended: whatever happens before is *cut off*.
    end: Option<String>,
}

pub async fn put_together(socket: &mut WebSocket) -> Result<String> {
    for (id, text) in QUESTIONS {
        socket.send(message(&Request::Ask { id: id.into(), text: text.into() })).await?;
    }
    let mut answers = QUESTIONS.map(|(id, _)| Answer { id, text: String::new(), end: None });
    while answers.iter().any(|answer| answer.end.is_none()) {
        // No `?`: a close and a lost connection are both an end, and what has come is kept.
        let Ok(Some(text)) = next_text(socket).await else { break };
        // What this version does not know is no reason to stop.
        let Ok(event) = serde_json::from_str(&text) else { continue };
        let id = match &event {
            Event::Delta { id, .. } | Event::Done { id, .. } | Event::Error { id: Some(id), .. } => id,
            Event::Error { id: None, .. } => continue,
        };
        let Some(answer) = answers.iter_mut().find(|answer| answer.id == id) else { continue };
        match event {
            Event::Delta { text, .. } => answer.text += &text,
            Event::Done { status: Status::Completed, .. } => answer.end = Some("completed".into()),
            Event::Done { status: Status::Cancelled, .. } => answer.end = Some("cancelled".into()),
            Event::Done { status: Status::Failed { reason }, .. } | Event::Error { reason, .. } => {
                answer.end = Some(format!("failed ({reason})"));
            }
        }
    }
    close(socket, CloseWith::normal()).await;
    let lines = answers.map(|Answer { id, text, end }| {
        let end = end.unwrap_or("cut off".into());
        format!("{id} {end}: {text}").trim_end().to_string()
    });
    Ok(lines.join(" | "))
}
