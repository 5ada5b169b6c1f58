//! Level 2, full duplex: the client tells a conversation that is over from one that broke off.

use futures_util::StreamExt;
use support::{
    deadline::DEADLINE,
    process::{Finished, Running, Server, command},
};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, accept_async,
    tungstenite::{
        Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

const CLIENT: &str = "level2_duplex_client";

/// The client, and what a server of our own heard from it.
struct Conversation {
    client: Finished,
    heard: Vec<Message>,
}

impl Conversation {
    /// The server closes like this when it has heard so many messages.
    async fn that_is_closed_after(count: usize, code: CloseCode, reason: &str) -> Conversation {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let client = Running::start(&mut command(CLIENT, &[&url]));
        let served = async {
            let (stream, _peer) = listener.accept().await.unwrap();
            let mut socket = accept_async(stream).await.unwrap();
            let mut heard = Vec::new();
            while heard.len() < count {
                heard.push(socket.next().await.unwrap().unwrap());
            }
            let frame = CloseFrame { code, reason: reason.into() };
            // If the client was first, this fails, and the next read sends the answer.
            let _ = socket.close(Some(frame)).await;
            heard.extend(rest(&mut socket).await);
            heard
        };
        let heard = timeout(DEADLINE, served).await.expect("the client does its part in time");
        Conversation { client: client.finished().await, heard }
    }

    /// Checks that the client called *sent* what the server heard, no more and no less.
    fn assert_sent_is_what_was_heard(&self) {
        let texts = self.heard.iter().filter_map(|message| message.to_text().ok());
        let texts = texts.filter(|text| text.starts_with("Message "));
        let sent: String = texts.map(|text| format!("Sent: {text}\n")).collect();
        assert_eq!(self.client.stdout, sent);
    }
}

/// All that comes until the connection is over.
async fn rest(socket: &mut WebSocketStream<TcpStream>) -> Vec<Message> {
    let mut rest = Vec::new();
    while let Some(Ok(message)) = socket.next().await {
        rest.push(message);
    }
    rest
}

fn assert_broke_off(client: &Finished, reason: &str) {
    assert_eq!(client.stderr, format!("Error: the conversation broke off: {reason}\n"));
    assert_eq!(client.status.code(), Some(1));
}

#[cfg(unix)]
#[tokio::test]
async fn a_server_that_is_stopped_breaks_off_the_conversation_and_says_why() {
    let server = Server::start("level2_duplex_server").await;
    let mut client = Running::start(&mut command(CLIENT, &[&server.url]));
    client.has_printed("Received: Server reply: Message 1\n").await;
    server.signal("TERM");
    assert_broke_off(&client.finished().await, "the server is shutting down (1001)");
}

#[tokio::test]
async fn a_server_that_is_killed_breaks_off_the_conversation() {
    let mut server = Server::start("level2_duplex_server").await;
    let mut client = Running::start(&mut command(CLIENT, &[&server.url]));
    client.has_printed("Received: Server reply: Message 1\n").await;
    server.kill().await;
    let client = client.finished().await;
    assert!(client.stderr.starts_with("Error: the conversation broke off: "), "{client:?}");
    assert_eq!(client.stderr.lines().count(), 1, "{client:?}");
    assert_eq!(client.status.code(), Some(1));
}

#[tokio::test]
async fn what_could_not_be_sent_is_not_called_sent() {
    let closed = Conversation::that_is_closed_after(0, CloseCode::Away, "closing time").await;
    assert_broke_off(&closed.client, "closing time (1001)");
    closed.assert_sent_is_what_was_heard();
}

#[tokio::test]
async fn a_server_that_calls_it_normal_after_the_first_message_has_broken_off() {
    let closed = Conversation::that_is_closed_after(1, CloseCode::Normal, "enough").await;
    assert_broke_off(&closed.client, "enough (1000)");
    closed.assert_sent_is_what_was_heard();
}

#[tokio::test]
async fn a_server_that_goes_away_before_the_goodbye_has_broken_off() {
    let closed = Conversation::that_is_closed_after(3, CloseCode::Away, "closing time").await;
    assert_broke_off(&closed.client, "closing time (1001)");
    closed.assert_sent_is_what_was_heard();
}

#[tokio::test]
async fn the_goodbye_of_the_client_has_code_1000() {
    let closed = Conversation::that_is_closed_after(4, CloseCode::Normal, "").await;
    let goodbye = CloseFrame { code: CloseCode::Normal, reason: "".into() };
    assert_eq!(closed.heard.last(), Some(&Message::Close(Some(goodbye))));
    assert!(closed.client.status.success(), "{:?}", closed.client);
    closed.assert_sent_is_what_was_heard();
}
