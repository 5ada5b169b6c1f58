//! Standard input as a source.

use std::{
    io::{self, IsTerminal, Read},
    thread,
};

use tokio::{sync::mpsc, task::yield_now};

use super::lines::{CHUNK, Lines};
use crate::Log;

/// Whether somebody pipes something in. What is typed into a terminal is no log, and `/dev/null`
/// is what service managers give to those who are to read nothing.
pub(super) fn is_a_pipe_or_a_file() -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let is_device = |it: std::fs::Metadata| it.file_type().is_char_device();
        if std::fs::metadata("/dev/stdin").is_ok_and(is_device) {
            return false;
        }
    }
    !io::stdin().is_terminal()
}

/// Appends the lines of standard input, until it ends.
pub(super) async fn read(log: &Log) {
    let mut chunks = chunks();
    let mut lines = Lines::default();
    while let Some(chunk) = chunks.recv().await {
        lines.push(&chunk, |line| {
            log.append(line, false);
        });
        // As in `append_all`.
        yield_now().await;
    }
    if let Some(line) = lines.rest() {
        log.append(line, false);
    }
}

/// What comes, piece by piece.
///
/// With a thread of our own: `tokio::io::stdin` has one, too, but a runtime that ends waits for it,
/// and so a server that is told to stop would go on until another line comes.
fn chunks() -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel(2);
    thread::spawn(move || {
        let mut input = io::stdin().lock();
        let mut chunk = vec![0; CHUNK];
        loop {
            match input.read(&mut chunk) {
                Ok(0) => break,
                // Where the log does not keep up, this waits, and so does whoever writes.
                Ok(count) if sender.blocking_send(chunk[..count].to_vec()).is_ok() => {}
                Ok(_) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    ::log::warn!("standard input cannot be read: {error}");
                    break;
                }
            }
        }
    });
    receiver
}
