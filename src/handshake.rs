//! The server's side of the handshake: one HTTP request, and the answer to it (section 4.2).
//!
//! tokio-tungstenite's `accept_async` does as much, but it answers nothing to a browser that asks
//! for a page, and lets in the pages of every web site. So this is made of tungstenite's parts.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error,
        error::ProtocolError,
        handshake::{
            machine::TryParse,
            server::{Request, create_response, write_response},
        },
        http::{Method, StatusCode},
        protocol::{Role, WebSocketConfig},
    },
};

use crate::{
    ByteStream, WebSocket,
    answer::{answer, answer_head},
};

/// The longest request that is read, in bytes: 16 KiB. Browsers send less than 1 KiB, and cookies.
pub const MAX_REQUEST_SIZE: usize = 16 * 1024;

// ANCHOR: Handshake
/// A client's request, read and not yet answered: accept it or refuse it.
#[derive(Debug)]
pub struct Handshake {
    stream: Box<dyn ByteStream>,
    request: Request,
    /// What came with the request: a client need not wait for our answer before it speaks.
    rest: Vec<u8>,
}

impl Handshake {
    /// Waits for the client's request. Has no deadline of its own.
    ///
    /// What is no request for a page or a WebSocket is answered here, with 400, 405 or 431.
    ///
    /// # Errors
    /// Why there is no request, for the log.
    pub async fn read(stream: impl ByteStream + 'static) -> Result<Handshake, String> {
        let mut stream: Box<dyn ByteStream> = Box::new(stream);
        let mut bytes = Vec::with_capacity(1024);
        let mut method = Method::GET;
        loop {
            // A load balancer's question: GET without the page itself (RFC 9110, section 9.3.2).
            // The parser knows GET alone.
            if bytes.starts_with(b"HEAD ") {
                method = Method::HEAD;
                bytes.splice(..4, *b"GET");
            }
            match Request::try_parse(&bytes) {
                Ok(Some((length, mut request))) => {
                    *request.method_mut() = method;
                    let rest = bytes.split_off(length);
                    return Ok(Handshake { stream, request, rest });
                }
                Ok(None) if bytes.len() <= MAX_REQUEST_SIZE => {}
                Ok(None) => {
                    let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
                    answer(stream, status, &[], "The request is too long.\n").await;
                    return Err("the request is too long".into());
                }
                Err(Error::Protocol(ProtocolError::WrongHttpMethod)) => {
                    let status = StatusCode::METHOD_NOT_ALLOWED;
                    let (allow, text) =
                        ([("Allow", "GET, HEAD")], "Only GET and HEAD are known here.\n");
                    answer(stream, status, &allow, text).await;
                    return Err("a request with another method than GET or HEAD".into());
                }
                Err(error) => {
                    answer(stream, StatusCode::BAD_REQUEST, &[], NOT_UNDERSTOOD).await;
                    return Err(error.to_string());
                }
            }
            match stream.read_buf(&mut bytes).await {
                Ok(0) => return Err("the client left before it had sent a request".into()),
                Ok(_) => {}
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    /// Its method (GET or HEAD), path and headers.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Whether it asks for a WebSocket, and not for a page.
    pub fn is_for_a_websocket(&self) -> bool {
        let upgrade = self.request.headers().get("Upgrade");
        self.request.method() == Method::GET
            && upgrade.is_some_and(|it| it.as_bytes().eq_ignore_ascii_case(b"websocket"))
    }

    /// Agrees: from here on both sides speak in frames.
    ///
    /// # Errors
    /// If the request is not a proper one (it is answered with 400, or 426 for another version of
    /// the protocol), or the connection breaks.
    pub async fn accept(mut self, config: WebSocketConfig) -> Result<WebSocket, Error> {
        let response = match create_response(&self.request) {
            Ok(response) => response,
            Err(error) => {
                let reason = format!("{error}\n");
                match error {
                    // It must be told which version is spoken here (section 4.2.2).
                    Error::Protocol(ProtocolError::MissingSecWebSocketVersionHeader) => {
                        let headers = [("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")];
                        self.refuse(StatusCode::UPGRADE_REQUIRED, &headers, &reason).await;
                    }
                    _ => self.refuse(StatusCode::BAD_REQUEST, &[], &reason).await,
                }
                return Err(error);
            }
        };
        let mut head = Vec::new();
        write_response(&mut head, &response)?;
        self.stream.write_all(&head).await?;
        self.stream.flush().await?;
        let (stream, rest) = (self.stream, self.rest);
        Ok(WebSocketStream::from_partially_read(stream, rest, Role::Server, Some(config)).await)
    }

    /// Answers as a web server does, with a status, headers and a text, and ends the connection.
    /// Waits until the client has read it, a second at most.
    ///
    /// A page is an answer, too: status 200. To HEAD, only its headers are sent.
    pub async fn refuse(self, status: StatusCode, headers: &[(&str, &str)], body: &str) {
        match *self.request.method() {
            Method::HEAD => answer_head(self.stream, status, headers, body).await,
            _ => answer(self.stream, status, headers, body).await,
        }
    }
}
// ANCHOR_END: Handshake

const NOT_UNDERSTOOD: &str = "This is no HTTP request that is understood here.\n";
