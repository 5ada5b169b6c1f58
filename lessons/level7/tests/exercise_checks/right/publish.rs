use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use anyhow::Result;
use futures_util::{SinkExt, StreamExt, future::BoxFuture};
use level7::{Answer, Outbox};
use serde_json::{Value, json};
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;
use websocket_streaming::{CloseWith, ConnectError, WebSocket, close, next_text};

right! { publish, dialing:
    keeps_an_outbox,
    writes_its_json_by_hand,
}

const LIST: [&str; 3] = ["bread", "milk", "tea"];

pub type Dial = Box<dyn Fn() -> BoxFuture<'static, Result<WebSocket, ConnectError>> + Send + Sync>;

/// As this level's own client does.
pub async fn keeps_an_outbox(dial: Dial) -> Result<String> {
    let mut outbox = Outbox::new("ada");
    LIST.into_iter().for_each(|text| outbox.push(text.into()));
    let mut kept = BTreeMap::new();
    while !outbox.is_empty() {
        let Ok(mut socket) = dial().await else {
            sleep(Duration::from_secs(1)).await;
            continue;
        };
        outbox.send_all_again();
        while let Some(line) = outbox.next_to_send() {
            // One flush for all.
            socket.feed(line.encode()).await?;
        }
        socket.flush().await?;
        while let Ok(Some(text)) = next_text(&mut socket).await {
            match serde_json::from_str(&text) {
                Ok(Answer::Published { id, seq }) => {
                    outbox.settle(&id);
                    kept.insert(id, seq.to_string());
                }
                Ok(Answer::Error { again: true, .. }) => break,
                _ => {}
            }
            if outbox.is_empty() {
                break;
            }
        }
        close(&mut socket, CloseWith::normal()).await;
        if !outbox.is_empty() {
            sleep(Duration::from_secs(1)).await;
        }
    }
    Ok(kept.into_values().collect::<Vec<_>>().join(" "))
}

/// With the fields in another order: JSON is JSON.
pub async fn writes_its_json_by_hand(dial: Dial) -> Result<String> {
    let mut left: VecDeque<usize> = (1..=LIST.len()).collect();
    let mut numbers = BTreeMap::new();
    loop {
        if let Ok(mut socket) = dial().await {
            for number in &left {
                let (id, text) = (format!("ada-{number}"), LIST[number - 1]);
                let line = json!({ "text": text, "id": id, "type": "publish" });
                socket.send(Message::text(line.to_string())).await?;
            }
            while let Some(Ok(message)) = socket.next().await {
                let Ok(answer) = serde_json::from_slice::<Value>(&message.into_data()) else {
                    continue;
                };
                if answer["type"] == "published" {
                    left.retain(|number| answer["id"] != format!("ada-{number}"));
                    numbers.insert(answer["id"].to_string(), answer["seq"].to_string());
                }
                if answer["again"] == true {
                    close(&mut socket, CloseWith::normal()).await;
                    break;
                }
                if left.is_empty() {
                    close(&mut socket, CloseWith::normal()).await;
                    return Ok(numbers.into_values().collect::<Vec<_>>().join(" "));
                }
            }
        }
        sleep(Duration::from_secs(1)).await;
    }
}
