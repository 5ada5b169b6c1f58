//! Notes 13, 14, 15 and 18: before the first message.

use std::{io, net::SocketAddr, time::Duration};

use anyhow::Result;
use futures_util::StreamExt;
use support::deadline::soon;
use tokio::{
    io::{AsyncRead, AsyncWrite, duplex},
    net::{TcpListener, TcpStream},
    time::{Instant, sleep, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, accept_async, accept_hdr_async, client_async, connect_async,
    tungstenite::{
        Error,
        client::IntoClientRequest,
        error::{ProtocolError, SubProtocolError, UrlError},
        handshake::{
            client::Request as ClientRequest,
            server::{ErrorResponse, Request, Response},
        },
        http::{self, HeaderValue},
    },
};

use crate::{assert_chapter_names, assert_symptom};

// ANCHOR: note_13
/// Fails when it runs, not when it is compiled, unless `Cargo.toml` asks for a TLS feature.
async fn connect_encrypted(server: SocketAddr) -> Result<(), Error> {
    connect_async(format!("wss://{server}")).await?;
    Ok(())
}
// ANCHOR_END: note_13

#[tokio::test]
async fn wss_fails_without_a_tls_feature() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let error = soon(connect_encrypted(address)).await.expect_err("there is no TLS here");
    assert!(matches!(error, Error::Url(UrlError::TlsFeatureNotEnabled)), "{error:?}");
    assert_symptom(13, &error, "URL error: TLS support not compiled in");
    assert_chapter_names(13, "TlsFeatureNotEnabled");
}

// ANCHOR: note_14
/// Wrong: a request of one's own making has none of the headers that ask for a WebSocket.
fn build_request(url: &str) -> Result<ClientRequest> {
    Ok(http::Request::builder().uri(url).header("Authorization", "Bearer 123").body(())?)
}

/// Right: let the URL make the request, then add to it.
fn extend_request(url: &str) -> Result<ClientRequest> {
    let mut request = url.into_client_request()?;
    request.headers_mut().insert("Authorization", HeaderValue::from_static("Bearer 123"));
    Ok(request)
}
// ANCHOR_END: note_14

#[tokio::test(start_paused = true)]
async fn a_hand_built_request_lacks_the_headers_of_a_websocket() {
    let (_near, far) = duplex(1024);
    let request = build_request("ws://memory/").expect("it can be built");
    let error = soon(client_async(request, far)).await.expect_err("it is no handshake");
    assert!(matches!(error, Error::Protocol(ProtocolError::InvalidHeader(_))), "{error:?}");
    let text =
        "WebSocket protocol error: Missing, duplicated or incorrect header sec-websocket-key";
    assert_symptom(14, &error, text);

    let (near, far) = duplex(1024);
    let request = extend_request("ws://memory/").expect("it can be built");
    let mut seen = None;
    #[expect(clippy::result_large_err, reason = "the error type is the crate's")]
    let look = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        seen = request.headers().get("Authorization").cloned();
        Ok(response)
    };
    let both = async { tokio::join!(accept_hdr_async(near, look), client_async(request, far)) };
    let (near, far) = soon(both).await;
    near.expect("the server agrees");
    far.expect("the client agrees");
    assert_eq!(seen, Some(HeaderValue::from_static("Bearer 123")));
}

// ANCHOR: note_15
const SUBPROTOCOL: &str = "Sec-WebSocket-Protocol";

/// Wrong: agrees to the WebSocket, and says nothing of the subprotocol that the client offers.
async fn accept_silently<S>(stream: S) -> Result<WebSocketStream<S>, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    accept_async(stream).await
}

/// Right: looks at the offer, and names the one that it speaks.
async fn accept_translate_v1<S>(stream: S) -> Result<WebSocketStream<S>, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    #[expect(clippy::result_large_err, reason = "the error type is the crate's")]
    let choose = |request: &Request, mut response: Response| -> Result<_, ErrorResponse> {
        let offers = request.headers().get_all(SUBPROTOCOL).iter();
        let mut offers = offers.filter_map(|it| it.to_str().ok()).flat_map(|it| it.split(','));
        if offers.any(|offer| offer.trim() == "translate.v1") {
            let ours = HeaderValue::from_static("translate.v1");
            response.headers_mut().insert(SUBPROTOCOL, ours);
        }
        Ok(response)
    };
    accept_hdr_async(stream, choose).await
}
// ANCHOR_END: note_15

fn offering(subprotocols: &'static str) -> ClientRequest {
    let mut request = "ws://memory/".into_client_request().expect("a URL");
    request.headers_mut().insert(SUBPROTOCOL, HeaderValue::from_static(subprotocols));
    request
}

#[tokio::test(start_paused = true)]
async fn a_subprotocol_that_is_offered_must_be_chosen() {
    let (near, far) = duplex(1024);
    let client = client_async(offering("translate.v1"), far);
    let (near, far) = soon(async { tokio::join!(accept_silently(near), client) }).await;
    near.expect("the server has no objection");
    let error = far.expect_err("the client has");
    assert!(
        matches!(
            error,
            Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(
                SubProtocolError::NoSubProtocol
            ))
        ),
        "{error:?}"
    );
    let text = "WebSocket protocol error: SubProtocol error: Server sent no subprotocol";
    assert_symptom(15, &error, text);
    assert_chapter_names(15, "NoSubProtocol");

    let (near, far) = duplex(1024);
    let client = client_async(offering("translate.v2, translate.v1"), far);
    let (near, far) = soon(async { tokio::join!(accept_translate_v1(near), client) }).await;
    near.expect("the server agrees");
    let (_far, response) = far.expect("the client agrees");
    assert_eq!(response.headers()[SUBPROTOCOL], "translate.v1");
}

// ANCHOR: note_18
/// Wrong, twice: a client that says nothing holds up all the others, and the first error of
/// `accept` ends the server.
async fn serve_one_by_one(listener: TcpListener) {
    while let Ok((stream, _peer)) = listener.accept().await {
        if let Ok(socket) = accept_async(stream).await {
            tokio::spawn(async move { socket.for_each(async |_message| {}).await });
        }
    }
}

/// Right: the handshake is a part of the connection's own task.
async fn serve_all(listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, _peer)) => {
                tokio::spawn(listen_to(stream));
            }
            // Too many open files, most likely. When clients have left, there is room again.
            Err(error) => {
                log::error!("cannot accept a connection: {error}");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

async fn listen_to(stream: impl AsyncRead + AsyncWrite + Unpin) -> Result<()> {
    let socket = timeout(Duration::from_secs(10), accept_async(stream)).await??;
    socket.for_each(async |_message| {}).await;
    Ok(())
}
// ANCHOR_END: note_18

#[tokio::test]
async fn a_silent_client_holds_up_an_accept_loop_that_shakes_hands_itself() {
    for wrong in [true, false] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let server = if wrong {
            tokio::spawn(serve_one_by_one(listener))
        } else {
            tokio::spawn(serve_all(listener))
        };
        let silent = soon(TcpStream::connect(address)).await.expect("somebody listens");

        let second = connect_async(format!("ws://{address}"));
        if wrong {
            let outcome = timeout(Duration::from_millis(500), second).await;
            assert!(outcome.is_err(), "the second client is not held up");
        } else {
            soon(second).await.expect("the second client is served");
            let read = silent.try_read(&mut [0]).expect_err("nobody says anything to it");
            assert_eq!(read.kind(), io::ErrorKind::WouldBlock, "it is let go later");
        }
        server.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_client_is_let_go_after_ten_seconds() {
    let (near, _silent) = duplex(1024);
    let start = Instant::now();
    let error = soon(listen_to(near)).await.expect_err("there is no handshake");
    assert!(error.is::<tokio::time::error::Elapsed>(), "{error:?}");
    assert_eq!(start.elapsed(), Duration::from_secs(10));
}
