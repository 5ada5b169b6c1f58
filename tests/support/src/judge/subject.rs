//! A learner's code, ready to be run on its end of a connection in memory.

use std::{future::Future, io::ErrorKind, sync::Arc};

use anyhow::Result;
use futures_util::future::BoxFuture;
use tokio::{
    io::DuplexStream,
    sync::{mpsc, oneshot},
};
use tokio_tungstenite::{
    WebSocketStream, accept_async, client_async_with_config,
    tungstenite::{Error, error::ProtocolError},
};
use tokio_util::sync::CancellationToken;
use websocket_streaming::{
    ByteStream, ConnectError, ConnectErrorKind, Ending, Handler, WebSocket, config,
    serve_connection,
};

use super::{due::Who, gate::Gated};

/// A learner's code, ready to be run on its end of a connection.
#[derive(Clone)]
pub struct Subject {
    pub role: Who,
    /// Whether it asks for its connections itself, for as many as it wants.
    pub dials: bool,
    pub(super) run: Arc<dyn Fn(Caller) -> BoxFuture<'static, Outcome> + Send + Sync>,
}

/// By which the code asks our side for a connection.
#[derive(Clone)]
pub struct Caller(mpsc::UnboundedSender<Call>);

/// Such a question. Our side answers with an end of a connection, or with nothing.
pub type Call = oneshot::Sender<Option<Gated>>;

/// By which a learner's client connects, as often as it wants.
pub type Dial = Box<dyn Fn() -> BoxFuture<'static, Result<WebSocket, ConnectError>> + Send + Sync>;

pub fn calls() -> (Caller, mpsc::UnboundedReceiver<Call>) {
    let (sender, calls) = mpsc::unbounded_channel();
    (Caller(sender), calls)
}

impl Caller {
    async fn stream(&self) -> Option<Gated> {
        let (call, answer) = oneshot::channel();
        self.0.send(call).ok()?;
        answer.await.ok()?
    }

    /// The only connection, for code that gets one.
    async fn only(self) -> Gated {
        self.stream().await.expect("our side answers the first call")
    }
}

/// How the learner's code ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Done,
    Text(String),
    Failed(String),
    /// A server's code that ended because its client had left.
    ClientLeft,
    /// The same, but it was told so by an attempt to write after the close.
    WroteAfterClose,
    Panicked,
}

/// A server as in Level 1: it owns the socket, and nobody closes it but itself.
pub fn bare<F, Fut>(function: F) -> Subject
where
    F: Fn(WebSocketStream<DuplexStream>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), Error>> + Send + 'static,
{
    let function = Arc::new(function);
    let run = move |caller: Caller| -> BoxFuture<'static, Outcome> {
        let function = function.clone();
        Box::pin(async move {
            let socket =
                accept_async(caller.only().await.stream).await.expect("our side shakes hands");
            match function(socket).await {
                Ok(()) => Outcome::Done,
                Err(error) => Outcome::Failed(error.to_string()),
            }
        })
    };
    Subject { role: Who::Server, dials: false, run: Arc::new(run) }
}

/// A handler, as `serve` runs it.
pub fn served<H>(handler: H) -> Subject
where
    H: Handler,
{
    let handler = Arc::new(handler);
    let run = move |caller: Caller| -> BoxFuture<'static, Outcome> {
        let handler = handler.clone();
        Box::pin(async move {
            let stream = caller.only().await;
            match serve_connection(stream, &*handler, CancellationToken::new()).await {
                Ending::Complete | Ending::Stopped => Outcome::Done,
                Ending::ClientLeft(error) => match error.downcast_ref() {
                    Some(
                        Error::Protocol(ProtocolError::SendAfterClosing) | Error::AlreadyClosed,
                    ) => Outcome::WroteAfterClose,
                    _ => Outcome::ClientLeft,
                },
                Ending::Failed(error) => Outcome::Failed(format!("{error:#}")),
                Ending::NoHandshake(error) => Outcome::Failed(error),
                Ending::Panicked => Outcome::Panicked,
            }
        })
    };
    Subject { role: Who::Server, dials: false, run: Arc::new(run) }
}

/// A client that receives a text.
pub fn client(receive: for<'a> fn(&'a mut WebSocket) -> BoxFuture<'a, Result<String>>) -> Subject {
    let run = move |caller: Caller| -> BoxFuture<'static, Outcome> {
        Box::pin(async move {
            let stream: Box<dyn ByteStream> = Box::new(caller.only().await);
            let shaken = client_async_with_config(URL, stream, Some(config())).await;
            let (mut socket, _response) = shaken.expect("our side shakes hands");
            outcome(receive(&mut socket).await)
        })
    };
    Subject { role: Who::Client, dials: false, run: Arc::new(run) }
}

/// A client that connects by itself, and again, and receives a text.
pub fn dialing<F, Fut>(function: F) -> Subject
where
    F: Fn(Dial) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<String>> + Send + 'static,
{
    let function = Arc::new(function);
    let run = move |caller: Caller| -> BoxFuture<'static, Outcome> {
        let function = function.clone();
        Box::pin(async move {
            let dial = move || -> BoxFuture<'static, Result<WebSocket, ConnectError>> {
                let caller = caller.clone();
                Box::pin(async move {
                    dial(&caller).await.map_err(|kind| ConnectError { url: URL.into(), kind })
                })
            };
            outcome(function(Box::new(dial)).await)
        })
    };
    Subject { role: Who::Client, dials: true, run: Arc::new(run) }
}

const URL: &str = "ws://memory/";

/// As `connect` does, over our side's connections.
async fn dial(caller: &Caller) -> Result<WebSocket, ConnectErrorKind> {
    let nobody = || ConnectErrorKind::Tcp(ErrorKind::ConnectionRefused.into());
    let stream: Box<dyn ByteStream> = Box::new(caller.stream().await.ok_or_else(nobody)?);
    match client_async_with_config(URL, stream, Some(config())).await {
        Ok((socket, _response)) => Ok(socket),
        Err(Error::Http(answer)) => Err(ConnectErrorKind::Refused(answer.status())),
        Err(error) => Err(ConnectErrorKind::Handshake(error)),
    }
}

fn outcome(returned: Result<String>) -> Outcome {
    match returned {
        Ok(text) => Outcome::Text(text),
        Err(error) => Outcome::Failed(format!("{error:#}")),
    }
}
