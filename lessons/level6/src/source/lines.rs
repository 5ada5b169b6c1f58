//! Bytes in, lines out.

use std::mem;

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    task::yield_now,
};

use crate::Log;

/// The longest line, in bytes: 64 KiB. What is more of a line is left out, and the line says so.
pub const MAX_LINE: usize = 64 * 1024;

/// How much is read at once, in bytes: 16 KiB. A pipe that is never empty must not keep the thread
/// for long.
pub(super) const CHUNK: usize = 16 * 1024;

const CUT: &str = " … (cut: the line is longer than 64 KiB)";

// ANCHOR: Lines
/// Makes lines of bytes, however they come: a line in pieces, many lines at once, a line without
/// an end. Keeps [`MAX_LINE`] bytes at most.
#[derive(Debug, Default)]
pub struct Lines {
    /// The beginning of the line that is not complete.
    begun: Vec<u8>,
    is_cut: bool,
}

impl Lines {
    /// Takes in bytes, and gives each line that they complete to `each`, without its line break.
    pub fn push(&mut self, mut bytes: &[u8], mut each: impl FnMut(String)) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            self.keep(&bytes[..end]);
            each(self.complete());
            bytes = &bytes[end + 1..];
        }
        self.keep(bytes);
    }

    /// The last line, if no line break has ended it.
    pub fn rest(&mut self) -> Option<String> {
        (!self.begun.is_empty()).then(|| self.complete())
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = MAX_LINE - self.begun.len();
        self.is_cut |= bytes.len() > room;
        self.begun.extend(&bytes[..bytes.len().min(room)]);
    }

    fn complete(&mut self) -> String {
        let mut line = mem::take(&mut self.begun);
        if mem::take(&mut self.is_cut) {
            // A character that was cut in two is not there at all.
            if let Some(bad) = line.utf8_chunks().last().map(|it| it.invalid().len()) {
                line.truncate(line.len() - bad);
            }
            return String::from_utf8_lossy(&line).into_owned() + CUT;
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        String::from_utf8_lossy(&line).into_owned()
    }
}
// ANCHOR_END: Lines

/// Appends the lines that `input` brings, until it ends.
pub(super) async fn append_all(mut input: impl AsyncRead + Unpin, log: &Log, stderr: bool) {
    let (mut lines, mut chunk) = (Lines::default(), vec![0; CHUNK]);
    loop {
        match input.read(&mut chunk).await {
            Ok(0) => break,
            Ok(count) => {
                lines.push(&chunk[..count], |line| {
                    log.append(line, stderr);
                });
                // A pipe that is never empty is read a hundred times before the runtime steps in,
                // and the readers whom that has woken wait for this very thread.
                yield_now().await;
            }
            Err(error) => {
                ::log::warn!("the source cannot be read: {error}");
                break;
            }
        }
    }
    if let Some(line) = lines.rest() {
        log.append(line, stderr);
    }
}
