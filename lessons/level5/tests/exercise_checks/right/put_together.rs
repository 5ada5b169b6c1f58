use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use futures_util::{SinkExt, StreamExt};
use level5::events::{Request, message};
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{CloseWith, WebSocket, close, next_text};

right! { put_together, client:
    goes_by_untyped_json,
    keeps_the_words_by_their_numbers,
}

pub const QUESTIONS: [(&str, &str); 2] =
    [("q1", "I am tired of polling"), ("q2", "Are you a machine?")];

pub async fn ask(socket: &mut WebSocket) -> Result<()> {
    for (id, text) in QUESTIONS {
        socket.send(message(&Request::Ask { id: id.into(), text: text.into() })).await?;
    }
    Ok(())
}

pub async fn goes_by_untyped_json(socket: &mut WebSocket) -> Result<String> {
    ask(socket).await?;
    let mut texts: HashMap<String, String> = HashMap::new();
    let mut ends: HashMap<String, String> = HashMap::new();
    while !QUESTIONS.iter().all(|(id, _)| ends.contains_key(*id)) {
        let Some(Ok(message)) = socket.next().await else { break };
        let Message::Text(text) = message else { continue };
        let event: Value = serde_json::from_str(&text)?;
        let word = |key: &str| event[key].as_str().unwrap_or_default().to_string();
        match event["type"].as_str() {
            Some("delta") => *texts.entry(word("id")).or_default() += &word("text"),
            Some("done") if event["reason"].is_null() => {
                ends.insert(word("id"), word("status"));
            }
            Some("done" | "error") => {
                ends.insert(word("id"), format!("failed ({})", word("reason")));
            }
            _ => {}
        }
    }
    close(socket, CloseWith::normal()).await;
    let lines = QUESTIONS.map(|(id, _)| {
        let end = ends.get(id).map_or("cut off", String::as_str);
        let text = texts.get(id).map_or("", String::as_str);
        format!("{id} {end}: {text}").trim_end().to_string()
    });
    Ok(lines.join(" | "))
}

pub async fn keeps_the_words_by_their_numbers(socket: &mut WebSocket) -> Result<String> {
    ask(socket).await?;
    let mut words: BTreeMap<(String, u64), String> = BTreeMap::new();
    let mut ends = ["cut off".to_string(), "cut off".to_string()];
    while ends.iter().any(|end| end == "cut off") {
        let Ok(Some(text)) = next_text(socket).await else { break };
        let event: Value = serde_json::from_str(&text)?;
        let id = event["id"].as_str().unwrap_or("nobody").to_string();
        let reason = event["reason"].as_str();
        if let Some(seq) = event["seq"].as_u64() {
            words.insert((id, seq), event["text"].as_str().unwrap_or_default().into());
        } else if let Some(place) = QUESTIONS.iter().position(|(known, _)| *known == id) {
            match (reason, event["status"].as_str()) {
                (Some(reason), _) => ends[place] = format!("failed ({reason})"),
                (None, Some(status)) => ends[place] = status.into(),
                (None, None) => {}
            }
        }
    }
    close(socket, CloseWith::normal()).await;
    let text = |id: &str| {
        let own = words.iter().filter(|((of, _), _)| of == id);
        own.map(|(_, word)| word.as_str()).collect::<String>()
    };
    let line = |place: usize| {
        let id = QUESTIONS[place].0;
        format!("{id} {}: {}", ends[place], text(id)).trim_end().to_string()
    };
    Ok(format!("{} | {}", line(0), line(1)))
}
