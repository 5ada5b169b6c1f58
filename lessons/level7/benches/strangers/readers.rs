//! Readers, over TLS or without, with a token or without.

#[path = "../../../level6/benches/support/crowd.rs"]
mod crowd;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
pub use crowd::Crowd;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, pki_types::ServerName},
};
use websocket_streaming::ByteStream;

/// How many connections may be opening at once.
const CONCURRENT: usize = 50;

const SUBSCRIBE: &str = r#"{"type":"subscribe","tail":0}"#;

/// How a server is reached.
#[derive(Clone)]
pub struct Way {
    pub address: String,
    pub tls: Option<Arc<ClientConfig>>,
    pub headers: String,
}

impl Way {
    /// Connects, up to the answer to the handshake.
    async fn open(&self) -> Result<Box<dyn ByteStream>> {
        let stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        let mut stream: Box<dyn ByteStream> = match &self.tls {
            None => Box::new(stream),
            Some(config) => {
                let name = ServerName::try_from("localhost")?;
                Box::new(TlsConnector::from(config.clone()).connect(name, stream).await?)
            }
        };
        let request = format!(
            "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{}\r\n",
            self.headers
        );
        stream.write_all(request.as_bytes()).await?;
        // With TLS, what is written may wait for this.
        stream.flush().await?;
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            ensure!(stream.read(&mut byte).await? == 1, "the server hung up");
            head.extend(byte);
        }
        ensure!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
        Ok(stream)
    }

    async fn subscribe(&self) -> Result<Box<dyn ByteStream>> {
        let mut stream = self.open().await?;
        // A frame whose mask is zero, and so changes nothing.
        let mut frame = vec![0x81, 0x80 | SUBSCRIBE.len() as u8, 0, 0, 0, 0];
        frame.extend(SUBSCRIBE.bytes());
        stream.write_all(&frame).await?;
        stream.flush().await?;
        // The hello: it is there when the server has understood.
        let mut header = [0; 2];
        stream.read_exact(&mut header).await?;
        let mut hello = vec![0; usize::from(header[1])];
        stream.read_exact(&mut hello).await?;
        Ok(stream)
    }
}

/// Makes so many connections, and drops each. How long that took.
pub async fn shake_hands(way: &Way, count: usize) -> Result<Duration> {
    let start = Instant::now();
    let opening = (0..count).map(|_| async { way.open().await.map(drop) });
    stream::iter(opening).buffer_unordered(CONCURRENT).try_collect::<()>().await?;
    Ok(start.elapsed())
}

impl Crowd {
    pub async fn connect(way: &Way, readers: usize) -> Result<Crowd> {
        let dialing = (0..readers).map(|_| way.subscribe());
        let streams = stream::iter(dialing).buffer_unordered(CONCURRENT);
        Ok(Crowd::of(streams.try_collect().await?))
    }
}
