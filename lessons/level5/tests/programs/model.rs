//! A language model as the answerer. The model is a small HTTP server of the tests' own.

use std::time::Duration;

use level5::events::{Event, Status};
use serde_json::{Value, json};
use support::{
    client::{connect, leave},
    deadline::{ON_TIME, never, soon},
    process::Server,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};

use super::{ask, cancel, failed, next_event, rest};

/// Where the assistant's server finds its model.
struct Model(TcpListener);

impl Model {
    async fn start() -> Model {
        Model(TcpListener::bind("127.0.0.1:0").await.expect("a port is free"))
    }

    /// The assistant's server, with this model.
    async fn assistant(&self, key: Option<&str>) -> Server {
        let url = format!("http://{}/v1/", self.0.local_addr().expect("it is bound"));
        let mut command = super::server(&["--model", &url, "--model-name", "small"]);
        if let Some(key) = key {
            command.env("MODEL_API_KEY", key);
        }
        Server::spawn(&mut command).await
    }

    /// Waits until it is asked.
    async fn asked(&self) -> Call {
        let (mut stream, _peer) = soon(self.0.accept()).await.expect("it is asked");
        let mut bytes = Vec::new();
        let reading = async {
            loop {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                if let Some((head, body)) = text.split_once("\r\n\r\n") {
                    if let Ok(body) = serde_json::from_str(body) {
                        return (head.to_lowercase(), body);
                    }
                }
                let count = stream.read_buf(&mut bytes).await.expect("a request");
                assert!(count > 0, "half a request: {text}");
            }
        };
        let (head, body) = soon(reading).await;
        Call { stream, head, body }
    }
}

/// A request to the model.
struct Call {
    stream: TcpStream,
    head: String,
    body: Value,
}

impl Call {
    async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.expect("the assistant reads");
    }

    async fn begin(&mut self) {
        self.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n").await;
    }

    async fn word(&mut self, word: &str) {
        self.send(format!("{}\n\n", data(word))).await;
    }

    async fn done(mut self) {
        self.send("data: [DONE]\n\n").await;
    }

    /// Waits until the assistant has closed the connection, and no longer than a word takes.
    async fn closed(&mut self) {
        let mut buffer = [0; 16];
        let read = timeout(ON_TIME, self.stream.read(&mut buffer)).await;
        assert!(matches!(read, Ok(Ok(0) | Err(_))), "the request is still open: {read:?}");
    }
}

fn data(word: &str) -> String {
    format!("data: {}", json!({ "choices": [{ "index": 0, "delta": { "content": word } }] }))
}

#[tokio::test]
async fn a_models_words_come_as_it_says_them_and_it_is_told_what_was_said() {
    let model = Model::start().await;
    let server = model.assistant(Some("a secret\n")).await;
    let mut client = connect(&server.url).await;
    ask(&mut client, "q1", "Hello").await;
    let mut call = model.asked().await;
    assert!(call.head.starts_with("post /v1/chat/completions http/1.1\r\n"), "{}", call.head);
    assert!(call.head.contains("authorization: bearer a secret"), "{}", call.head);
    let messages = json!([{ "role": "user", "content": "Hello" }]);
    assert_eq!(call.body, json!({ "model": "small", "stream": true, "messages": messages }));
    call.begin().await;
    for (seq, word) in ["Good", " ", "day, 世界"].into_iter().enumerate() {
        call.word(word).await;
        let delta = Event::Delta { id: "q1".into(), seq: seq as u64, text: word.into() };
        assert_eq!(next_event(&mut client).await, delta);
    }
    call.done().await;
    assert_eq!(rest(&mut client).await, (vec![], Status::Completed));

    ask(&mut client, "q2", "And now?").await;
    let call = model.asked().await;
    let messages = json!([
        { "role": "user", "content": "Hello" },
        { "role": "assistant", "content": "Good day, 世界" },
        { "role": "user", "content": "And now?" },
    ]);
    assert_eq!(call.body["messages"], messages);
    leave(client).await;
    let finished = server.stop().await;
    assert_eq!(finished.stderr, "", "the key is in no log");
}

#[tokio::test]
async fn each_connection_is_a_conversation_of_its_own() {
    let model = Model::start().await;
    let server = model.assistant(None).await;
    for text in ["one", "two"] {
        let mut client = connect(&server.url).await;
        ask(&mut client, "q1", text).await;
        let mut call = model.asked().await;
        assert_eq!(call.body["messages"], json!([{ "role": "user", "content": text }]));
        assert!(!call.head.contains("authorization"), "{}", call.head);
        call.begin().await;
        call.word("yes").await;
        call.done().await;
        assert_eq!(rest(&mut client).await, (vec!["yes".into()], Status::Completed));
        leave(client).await;
    }
}

#[tokio::test]
async fn stopping_an_answer_closes_the_request_within_one_chunk() {
    let model = Model::start().await;
    let server = model.assistant(None).await;
    let mut client = connect(&server.url).await;
    // While it is silent, while it speaks, and before it has answered at all.
    for (id, begins, speaks) in [("q1", true, true), ("q2", true, false), ("q3", false, false)] {
        ask(&mut client, id, "Hello").await;
        let mut call = model.asked().await;
        if begins {
            call.begin().await;
        }
        if speaks {
            call.word("Good ").await;
            assert!(matches!(next_event(&mut client).await, Event::Delta { seq: 0, .. }));
        }
        cancel(&mut client, id).await;
        let end = Event::Done { id: id.into(), status: Status::Cancelled };
        assert_eq!(next_event(&mut client).await, end);
        call.closed().await;
    }
    leave(client).await;
}

#[tokio::test]
async fn a_client_that_vanishes_with_eight_answers_running_closes_all_their_requests() {
    let model = Model::start().await;
    let server = model.assistant(None).await;
    let mut client = connect(&server.url).await;
    let mut calls = Vec::new();
    for id in 0..8 {
        ask(&mut client, &id.to_string(), "Hello").await;
        let mut call = model.asked().await;
        call.begin().await;
        call.word("Good ").await;
        next_event(&mut client).await;
        calls.push(call);
    }
    drop(client);
    for mut call in calls {
        call.closed().await;
    }
}

#[tokio::test]
async fn a_client_that_reads_nothing_makes_its_model_wait() {
    let model = Model::start().await;
    let server = model.assistant(None).await;
    let mut client = connect(&server.url).await;
    ask(&mut client, "q1", "Hello").await;
    let mut call = model.asked().await;
    call.begin().await;
    let line = format!("{}\n\n", data(&"x".repeat(10_000)));
    let mut sent = 0;
    // The kernel's buffers, twice: to the assistant, and from it to the client.
    while timeout(Duration::from_secs(1), call.stream.write_all(line.as_bytes())).await.is_ok() {
        sent += line.len();
        assert!(sent < 100_000_000, "somebody takes it all in");
    }
    cancel(&mut client, "q1").await;
    call.closed_after_unread().await;
    let (_pieces, status) = rest(&mut client).await;
    assert_eq!(status, Status::Cancelled);
    leave(client).await;
}

impl Call {
    /// As `closed`, where not all that was sent was read: writing fails.
    async fn closed_after_unread(&mut self) {
        let writing = async { while self.stream.write_all(&[b' '; 1024]).await.is_ok() {} };
        timeout(ON_TIME, writing).await.expect("the request is closed");
    }
}

#[tokio::test]
async fn a_model_that_talks_without_end_and_says_nothing_keeps_nobody_waiting() {
    let model = Model::start().await;
    let server = model.assistant(None).await;
    let mut client = connect(&server.url).await;
    for noise in ["HTTP/1.1 100 Continue\r\n\r\n", ": still here\n"] {
        ask(&mut client, noise, "Hello").await;
        let mut call = model.asked().await;
        if noise.starts_with(':') {
            call.begin().await;
        }
        let noise_without_end = noise.repeat(1000);
        let talking = async {
            // Until the request is closed, which is to be soon after the cancel.
            while call.stream.write_all(noise_without_end.as_bytes()).await.is_ok() {}
        };
        let stopping = async {
            sleep(Duration::from_secs(1)).await;
            cancel(&mut client, noise).await;
            let end = Event::Done { id: noise.into(), status: Status::Cancelled };
            assert_eq!(timeout(ON_TIME, next_event(&mut client)).await.ok(), Some(end));
        };
        let both = async { tokio::join!(talking, stopping) };
        timeout(ON_TIME, both).await.expect("the request is closed");
    }
    leave(client).await;
}

#[tokio::test]
async fn every_failure_of_the_model_is_a_sentence_and_its_detail_is_in_the_log() {
    const CUT_OFF: &str = "the model has stopped in the middle of its answer";
    const NOT_UNDERSTOOD: &str = "the model's answer cannot be understood";
    let begin = "HTTP/1.1 200 OK\r\n\r\n";
    let cases = [
        (
            "HTTP/1.1 401 Unauthorized\r\n\r\n{\"error\":\"no key\"}".into(),
            "the model does not accept the key: set MODEL_API_KEY",
            "401 Unauthorized: {\"error\"",
        ),
        (
            "HTTP/1.1 404 Not Found\r\n\r\nno such model".into(),
            "the model's server does not know this model, or has another path",
            "no such model",
        ),
        (
            "HTTP/1.1 429 Too Many Requests\r\n\r\nslow down".into(),
            "the model has too much to do: try again later",
            "429 Too Many Requests: slow down",
        ),
        (
            "HTTP/1.1 500 Internal Server Error\r\n\r\n".into(),
            "the model's server has failed",
            "500 Internal Server Error",
        ),
        (
            format!("HTTP/1.1 503 Service Unavailable\r\n\r\nout of order{}", ".".repeat(50_000)),
            "the model's server has failed",
            "503 Service Unavailable: out of order",
        ),
        (
            "HTTP/1.1 302 Found\r\nLocation: http://evil.example\r\n\r\n".into(),
            "the model's server has failed",
            "302 Found",
        ),
        ("SSH-2.0-OpenSSH_9.2\r\n".into(), "the model cannot be reached", "invalid HTTP version"),
        (String::new(), "the model cannot be reached", "connection closed"),
        (begin.into(), CUT_OFF, "no [DONE]"),
        (format!("{begin}{}\n\n", data("half")), CUT_OFF, "no [DONE]"),
        (format!("{begin}{}", data("half")), CUT_OFF, "no [DONE]"),
        (
            format!("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{}\n\n", data("half")),
            CUT_OFF,
            "end of file",
        ),
        (format!("{begin}data: {{\"choices\":\n\n"), NOT_UNDERSTOOD, "EOF while parsing"),
        (
            format!("{begin}data: {{\"choices\":[{{\"delta\":7}}]}}\n\n"),
            NOT_UNDERSTOOD,
            "invalid type",
        ),
        (
            format!("{begin}data: {{\"error\":{{\"message\":\"out of memory\"}}}}\n\n"),
            "the model has failed",
            "out of memory",
        ),
    ];
    let model = Model::start().await;
    let server = model.assistant(None).await;
    let mut client = connect(&server.url).await;
    for (response, reason, _detail) in &cases {
        ask(&mut client, "q1", "Hello").await;
        let mut call = model.asked().await;
        call.send(response).await;
        // It may have left in the middle of a long refusal.
        let _ = call.stream.shutdown().await;
        let (pieces, status) = rest(&mut client).await;
        assert_eq!(status, failed(reason), "{response}");
        let half = response.contains("half") && response.ends_with('\n');
        assert_eq!(pieces.concat(), if half { "half" } else { "" }, "{response}");
    }
    // And the connection is as good as new.
    drop(model);
    ask(&mut client, "q2", "Hello").await;
    assert_eq!(rest(&mut client).await.1, failed("the model cannot be reached"));
    leave(client).await;
    let stderr = server.stop().await.stderr;
    for (line, (_response, reason, detail)) in stderr.lines().zip(&cases) {
        assert!(line.contains("WARN") && line.contains(reason), "{reason}: {line}");
        assert!(line.contains(detail), "{detail}: {line}");
    }
    assert_eq!(stderr.lines().count(), cases.len() + 1, "{stderr}");
}

#[tokio::test]
async fn a_silent_model_is_waited_for() {
    let model = Model::start().await;
    let server = model.assistant(None).await;
    let mut client = connect(&server.url).await;
    ask(&mut client, "q1", "Hello").await;
    let mut call = model.asked().await;
    never(Duration::from_millis(500), next_event(&mut client)).await;
    call.begin().await;
    never(Duration::from_millis(500), next_event(&mut client)).await;
    call.word("at last").await;
    call.done().await;
    assert_eq!(rest(&mut client).await, (vec!["at last".into()], Status::Completed));
}

#[cfg_attr(not(feature = "maintainer"), ignore = "it waits for half a minute")]
#[tokio::test]
async fn a_model_that_is_silent_for_half_a_minute_has_failed() {
    let model = Model::start().await;
    let server = model.assistant(None).await;
    let mut client = connect(&server.url).await;
    // One that has begun, and one that has not.
    ask(&mut client, "q1", "Hello").await;
    let mut begun = model.asked().await;
    begun.begin().await;
    begun.word("half").await;
    assert!(matches!(next_event(&mut client).await, Event::Delta { .. }));
    ask(&mut client, "q2", "Hello").await;
    let mut silent = model.asked().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let Event::Done { id, status } = next_event(&mut client).await else { panic!("an end") };
        assert_eq!(status, failed("the model is silent"));
        ids.push(id);
    }
    assert_eq!(ids, ["q1", "q2"]);
    begun.closed().await;
    silent.closed().await;
}

#[tokio::test]
async fn a_model_that_cannot_be_used_is_refused_at_the_start() {
    for (url, reason) in [
        ("https://api.example/v1", "Error: https:// needs TLS, which this level does not have"),
        (
            "localhost:11434",
            "Error: a model's URL looks like http://127.0.0.1:11434/v1, not localhost:11434",
        ),
        (
            "http://127.0.0.1:114340/v1",
            "Error: a model's URL looks like http://127.0.0.1:11434/v1, not http://127.0.0.1:114340/v1",
        ),
        ("not a URL", "Error: a model's URL looks like http://127.0.0.1:11434/v1, not not a URL"),
    ] {
        let arguments = ["127.0.0.1:0", "--model", url, "--model-name", "small"];
        let finished = support::process::run("assistant_server", &arguments, "").await;
        assert!(finished.stderr.starts_with(reason), "{url}: {}", finished.stderr);
        assert_eq!(finished.status.code(), Some(1));
    }
}
