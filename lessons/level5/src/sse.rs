//! A model's answer as it comes over HTTP: server-sent events, each a line `data: {…}`.

use anyhow::{Result, anyhow};
use serde::Deserialize;

use crate::reply::failed;

/// The longest line of a model's answer, in bytes: 256 KiB.
const MAX_LINE: usize = 256 * 1024;

/// What a line says.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    Text(String),
    /// `data: [DONE]`, the mark at the end. Without it the answer was cut off.
    Done,
}

// ANCHOR: Lines
/// Cuts a stream of bytes into lines. They come in pieces of any size: a line is decoded only when
/// it is whole, and so no character is ever cut.
#[derive(Debug, Default)]
pub struct Lines {
    bytes: Vec<u8>,
    /// How many of them have been read.
    read: usize,
    /// Up to where no line ends: a long line that comes byte by byte is looked through once.
    searched: usize,
}

impl Lines {
    /// Takes the next bytes in.
    ///
    /// # Errors
    /// If a line does not end.
    pub fn push(&mut self, bytes: &[u8]) -> Result<()> {
        self.bytes.drain(..self.read);
        self.searched -= self.read;
        self.read = 0;
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() > MAX_LINE && !self.bytes[self.searched..].contains(&b'\n') {
            return Err(failed(NOT_UNDERSTOOD, anyhow!("a line is too long")));
        }
        Ok(())
    }

    /// What the next whole line says that says anything; `None` if more bytes are needed.
    ///
    /// # Errors
    /// If it cannot be understood, or says that the model has failed.
    pub fn next_line(&mut self) -> Result<Option<Line>> {
        while let Some(length) = self.bytes[self.searched..].iter().position(|it| *it == b'\n') {
            let end = self.searched + length;
            let line = String::from_utf8_lossy(&self.bytes[self.read..end]);
            (self.read, self.searched) = (end + 1, end + 1);
            if let Some(line) = read(line.trim())? {
                return Ok(Some(line));
            }
        }
        self.searched = self.bytes.len();
        Ok(None)
    }
}
// ANCHOR_END: Lines

const NOT_UNDERSTOOD: &str = "the model's answer cannot be understood";

/// What is needed of a chunk. All else is ignored.
#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    error: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Choice {
    // Some leave it out where there is only a reason to stop.
    #[serde(default)]
    delta: Delta,
}

#[derive(Default, Deserialize)]
struct Delta {
    content: Option<String>,
}

/// One line; `None` if it has no text: a comment, an empty line, the model's role.
fn read(line: &str) -> Result<Option<Line>> {
    let Some(data) = line.strip_prefix("data:").map(str::trim_start) else { return Ok(None) };
    if data == "[DONE]" {
        return Ok(Some(Line::Done));
    }
    let chunk: Chunk = serde_json::from_str(data).map_err(|error| failed(NOT_UNDERSTOOD, error))?;
    if let Some(error) = chunk.error {
        return Err(failed("the model has failed", anyhow!(error)));
    }
    let text = chunk.choices.into_iter().next().and_then(|choice| choice.delta.content);
    Ok(text.filter(|text| !text.is_empty()).map(Line::Text))
}
