//! The least that a server can do: it writes the same bytes to each connection.

use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use anyhow::Result;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::broadcast,
};

use crate::input::each_burst;

/// Answers the request and the subscription, as if they had been understood.
const HELLO: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x02{}";

/// How many bursts a task may be behind.
const CAPACITY: usize = 16 * 1024;

/// Writes to all connections in one loop, on a thread of its own: no event loop, no tasks.
pub fn serve_in_one_loop() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("Listening on ws://{}", listener.local_addr()?);
    let connections = Arc::new(Mutex::new(Vec::new()));
    let accepted = connections.clone();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = greet(stream, &accepted);
        }
    });
    each_burst(|events| {
        let frames = frames(events);
        for stream in connections.lock().unwrap_or_else(PoisonError::into_inner).iter_mut() {
            let _ = stream.write_all(&frames);
        }
    })
}

fn greet(mut stream: TcpStream, connections: &Mutex<Vec<TcpStream>>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let _ = stream.read(&mut [0; 4096])?;
    // Who has been greeted gets every line: so the greeting is written under the lock.
    let mut connections = connections.lock().unwrap_or_else(PoisonError::into_inner);
    stream.write_all(HELLO)?;
    connections.push(stream);
    Ok(())
}

/// The same bytes, written by a task for each connection, as servers have it. What this costs more
/// than the loop is tokio's, and what the log costs more than this is the WebSocket's.
pub fn serve_in_tasks() -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
    println!("Listening on ws://{}", listener.local_addr()?);
    let (bursts, _) = broadcast::channel::<Arc<[u8]>>(CAPACITY);
    let to_all = bursts.clone();
    runtime.spawn(async move {
        while let Ok((stream, _peer)) = listener.accept().await {
            tokio::spawn(write(stream, to_all.subscribe()));
        }
    });
    each_burst(|events| {
        // An error says that nobody is here.
        let _ = bursts.send(frames(events).into());
    })
}

async fn write(
    mut stream: tokio::net::TcpStream,
    mut bursts: broadcast::Receiver<Arc<[u8]>>,
) -> Result<()> {
    stream.set_nodelay(true)?;
    let _ = stream.read(&mut vec![0; 4096]).await?;
    stream.write_all(HELLO).await?;
    loop {
        stream.write_all(&bursts.recv().await?).await?;
    }
}

/// Text frames, one behind the other.
fn frames(events: &[String]) -> Vec<u8> {
    let mut frames = Vec::new();
    for event in events {
        frames.push(0x81);
        match event.len() {
            size @ 0..=125 => frames.push(size as u8),
            size => {
                frames.push(126);
                frames.extend((size as u16).to_be_bytes());
            }
        }
        frames.extend(event.bytes());
    }
    frames
}
