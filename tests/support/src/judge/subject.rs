//! A learner's code, ready to be run on its end of a connection in memory.

use std::{future::Future, sync::Arc};

use anyhow::Result;
use futures_util::future::BoxFuture;
use tokio::io::DuplexStream;
use tokio_tungstenite::{
    WebSocketStream, accept_async, client_async_with_config,
    tungstenite::{Error, error::ProtocolError},
};
use tokio_util::sync::CancellationToken;
use websocket_streaming::{ByteStream, Ending, Handler, WebSocket, config, serve_connection};

use super::{due::Who, gate::Gated};

/// A learner's code, ready to be run on its end of a connection.
#[derive(Clone)]
pub struct Subject {
    pub role: Who,
    pub(super) run: Arc<dyn Fn(Gated) -> BoxFuture<'static, Outcome> + Send + Sync>,
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
    let run = move |theirs: Gated| -> BoxFuture<'static, Outcome> {
        let function = function.clone();
        Box::pin(async move {
            let socket = accept_async(theirs.stream).await.expect("our side shakes hands");
            match function(socket).await {
                Ok(()) => Outcome::Done,
                Err(error) => Outcome::Failed(error.to_string()),
            }
        })
    };
    Subject { role: Who::Server, run: Arc::new(run) }
}

/// A handler, as `serve` runs it.
pub fn served<H>(handler: H) -> Subject
where
    H: Handler,
{
    let handler = Arc::new(handler);
    let run = move |stream| -> BoxFuture<'static, Outcome> {
        let handler = handler.clone();
        Box::pin(async move {
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
    Subject { role: Who::Server, run: Arc::new(run) }
}

/// A client that receives a text.
pub fn client(receive: for<'a> fn(&'a mut WebSocket) -> BoxFuture<'a, Result<String>>) -> Subject {
    let run = move |stream| -> BoxFuture<'static, Outcome> {
        Box::pin(async move {
            let stream: Box<dyn ByteStream> = Box::new(stream);
            let shaken = client_async_with_config("ws://memory/", stream, Some(config())).await;
            let (mut socket, _response) = shaken.expect("our side shakes hands");
            match receive(&mut socket).await {
                Ok(text) => Outcome::Text(text),
                Err(error) => Outcome::Failed(format!("{error:#}")),
            }
        })
    };
    Subject { role: Who::Client, run: Arc::new(run) }
}
