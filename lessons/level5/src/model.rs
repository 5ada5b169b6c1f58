//! A language model as the answerer: any server that speaks `/chat/completions` as OpenAI's does,
//! such as Ollama, llama.cpp or vLLM.

use anyhow::{Context, Result, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use http_body_util::Full;
use hyper::{Request, Uri, body::Bytes, client::conn::http1::handshake, header};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpStream;
use tokio_util::task::AbortOnDropHandle;
use websocket_streaming::{Fair, port_or};

use crate::{
    answerer::{Answerer, Words},
    history::{History, Said},
    reply::{Reply, failed, in_time},
};

/// Where a model is, and how it is asked.
#[derive(Clone, Debug)]
pub struct Model {
    url: Uri,
    address: String,
    name: String,
    key: Option<String>,
}

impl Model {
    /// `url` is what `/chat/completions` is put after, such as `http://127.0.0.1:11434/v1`.
    ///
    /// # Errors
    /// If it is not such a URL, or there is no TLS for it.
    pub fn new(url: &str, name: &str, key: Option<String>) -> Result<Model> {
        let no_url = || format!("a model's URL looks like http://127.0.0.1:11434/v1, not {url}");
        let path = format!("{}/chat/completions", url.trim_end_matches('/'));
        let uri: Uri = path.parse().with_context(no_url)?;
        ensure!(
            uri.scheme_str() != Some("https"),
            "https:// needs TLS, which this level does not have: give it a model on this machine, \
             http://127.0.0.1:11434/v1, or a proxy that speaks TLS for it"
        );
        let host = uri.host().filter(|_| uri.scheme_str() == Some("http"));
        let host = host.with_context(no_url)?;
        let port = port_or(80, &uri).with_context(no_url)?;
        let address = format!("{host}:{port}");
        let key = key.map(|key| key.trim().to_string()).filter(|key| !key.is_empty());
        Ok(Model { url: uri, address, name: name.into(), key })
    }

    // ANCHOR: open
    /// Asks, and waits until the model begins to answer.
    async fn open(self, messages: Vec<Said>) -> Result<Reply> {
        let stream = TcpStream::connect(&self.address).await.map_err(unreachable)?;
        // A model that never stops talking must not keep the thread.
        let (mut sender, connection) =
            handshake(TokioIo::new(Fair(stream))).await.map_err(unreachable)?;
        // Whoever drops the reply drops this, and so closes the connection: then the model stops.
        let connection = AbortOnDropHandle::new(tokio::spawn(async {
            // What goes wrong is told to whoever reads the reply.
            let _ = connection.await;
        }));
        let body = json!({ "model": self.name, "stream": true, "messages": messages });
        let mut request = Request::post(self.url.path())
            .header(header::HOST, &self.address)
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(key) = &self.key {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        let request = request.body(Full::new(Bytes::from(body.to_string())))?;
        let response = sender.send_request(request).await.map_err(unreachable)?;
        Reply::to(response, connection).await
    }
    // ANCHOR_END: open
}

fn unreachable(error: impl Into<anyhow::Error>) -> anyhow::Error {
    failed("the model cannot be reached", error)
}

/// One conversation with a model.
pub struct Conversation {
    model: Model,
    history: History,
}

impl Conversation {
    pub fn with(model: Model) -> Conversation {
        Conversation { model, history: History::default() }
    }
}

impl Answerer for Conversation {
    fn answer(&mut self, question: &str) -> Words {
        let (messages, place) = self.history.ask(question);
        let reply = in_time(self.model.clone().open(messages));
        stream::once(reply)
            .map_ok(|reply| stream::try_unfold(reply, Reply::next))
            .try_flatten()
            .inspect_ok(move |text| place.add(text))
            .boxed()
    }
}
