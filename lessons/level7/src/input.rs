//! The lines that come on standard input.

use std::{io::Read, thread};

use level6::Lines;
use tokio::sync::mpsc;

/// The lines of standard input, as they come. Where they are not taken, whoever writes them waits.
///
/// With a thread of our own: a runtime that ends waits for tokio's.
pub fn lines() -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel(16);
    thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        let (mut lines, mut chunk) = (Lines::default(), vec![0; 16 * 1024]);
        loop {
            match input.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => lines.push(&chunk[..count], |line| {
                    // An error means that nobody publishes any more.
                    let _ = sender.blocking_send(line);
                }),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    log::warn!("standard input cannot be read: {error}");
                    break;
                }
            }
        }
        if let Some(line) = lines.rest() {
            let _ = sender.blocking_send(line);
        }
    });
    receiver
}
