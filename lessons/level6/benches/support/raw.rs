//! The least that a server can do: it writes the same bytes to each connection.

use std::{
    io::{self, BufRead, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use anyhow::Result;

/// Writes each line of standard input to all connections, as a WebSocket frame.
pub fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("Listening on ws://{}", listener.local_addr()?);
    io::stdout().flush()?;
    let connections = Arc::new(Mutex::new(Vec::new()));
    let accepted = connections.clone();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if let Ok(stream) = greet(stream) {
                accepted.lock().unwrap_or_else(PoisonError::into_inner).push(stream);
            }
        }
    });
    let mut input = io::BufReader::with_capacity(64 * 1024, io::stdin().lock());
    let mut seq = 0;
    loop {
        // All lines that are there at once go out at once.
        let chunk = input.fill_buf()?;
        if chunk.is_empty() {
            return Ok(());
        }
        let mut length = chunk.len();
        let mut frames = Vec::new();
        let whole = chunk.iter().rposition(|byte| *byte == b'\n').map_or(0, |it| it + 1);
        for line in String::from_utf8_lossy(&chunk[..whole]).lines() {
            seq += 1;
            // As long as the log's.
            let json = format!(
                r#"{{"type":"line","seq":{seq},"ms":12345,"text":"{line}","readers":1000}}"#
            );
            frames.push(0x81);
            match json.len() {
                size @ 0..=125 => frames.push(size as u8),
                size => {
                    frames.push(126);
                    frames.extend((size as u16).to_be_bytes());
                }
            }
            frames.extend(json.bytes());
        }
        if whole > 0 {
            length = whole;
        }
        if whole == 0 {
            // A line in two pieces would be too much of a server for this one.
            thread::yield_now();
            continue;
        }
        for stream in connections.lock().unwrap_or_else(PoisonError::into_inner).iter_mut() {
            let _ = stream.write_all(&frames);
        }
        input.consume(length);
    }
}

/// Reads the request and the subscription, and answers as if it had understood them.
fn greet(mut stream: TcpStream) -> io::Result<TcpStream> {
    stream.set_nodelay(true)?;
    let mut request = [0; 4096];
    let _ = stream.read(&mut request)?;
    stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x02{}")?;
    Ok(stream)
}
