//! Readers, as cheap as can be: they look at frames, and seldom into them.

#[path = "crowd.rs"]
mod crowd;

use anyhow::{Result, ensure};
pub use crowd::Crowd;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// How many connections may be opening at once.
const CONCURRENT: usize = 100;

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
    Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const SUBSCRIBE: &str = r#"{"type":"subscribe","tail":0}"#;

impl Crowd {
    pub async fn connect(address: &str, readers: usize) -> Result<Crowd> {
        Ok(Crowd::of(dial(address, readers).await?))
    }
}

/// Readers that have subscribed, and read nothing.
pub struct Stopped {
    _streams: Vec<TcpStream>,
}

impl Stopped {
    pub async fn connect(address: &str, count: usize) -> Result<Stopped> {
        Ok(Stopped { _streams: dial(address, count).await? })
    }
}

async fn dial(address: &str, count: usize) -> Result<Vec<TcpStream>> {
    let dialing = (0..count).map(|_| subscribe(address));
    stream::iter(dialing).buffer_unordered(CONCURRENT).try_collect().await
}

async fn subscribe(address: &str) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    // A frame whose mask is zero, and so changes nothing.
    let mut request = REQUEST.as_bytes().to_vec();
    request.extend([0x81, 0x80 | SUBSCRIBE.len() as u8, 0, 0, 0, 0]);
    request.extend(SUBSCRIBE.bytes());
    stream.write_all(&request).await?;
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        ensure!(stream.read(&mut byte).await? == 1, "the server hung up");
        head.extend(byte);
    }
    // The hello: it is there when the server has understood.
    let mut header = [0; 2];
    stream.read_exact(&mut header).await?;
    let mut hello = vec![0; usize::from(header[1])];
    stream.read_exact(&mut hello).await?;
    Ok(stream)
}
