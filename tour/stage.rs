//! The stage: several programs share one screen. Each line begins with the name of its speaker.

use std::{
    io::{self, Write},
    mem::take,
    str::from_utf8,
};

use anstyle::Style;

pub struct Stage<W> {
    out: W,
    /// On a terminal `\r` goes back to the start of the line. Elsewhere it begins a new line, so
    /// that a file shows how the line grew.
    terminal: bool,
    voices: Vec<Voice>,
    /// The voice whose line is not finished.
    speaking: Option<VoiceId>,
}

/// Who speaks: the name before each of its lines, and its colour. No name, no prefix.
pub struct Role {
    pub name: String,
    pub style: Style,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoiceId(usize);

/// One stream of bytes: a program's standard output, or its standard error.
#[derive(Default)]
struct Voice {
    prefix: String,
    /// The start of a character whose end is still to come.
    held: Vec<u8>,
    /// The last character was `\r`. The next one tells whether that was half of `\r\n`.
    returned: bool,
    /// Another voice has broken its line.
    interrupted: bool,
}

impl<W: Write> Stage<W> {
    pub fn new(out: W, terminal: bool) -> Self {
        Stage { out, terminal, voices: Vec::new(), speaking: None }
    }

    /// Brings a voice on stage.
    pub fn enter(&mut self, Role { name, style }: &Role) -> VoiceId {
        let prefix = match name.as_str() {
            "" => String::new(),
            name => format!("{style}{name} │{style:#} "),
        };
        self.voices.push(Voice { prefix, ..Voice::default() });
        VoiceId(self.voices.len() - 1)
    }

    /// Shows what a voice says, as it comes: bytes, not whole lines.
    pub fn speak(&mut self, id: VoiceId, bytes: &[u8]) -> io::Result<()> {
        for c in self.voices[id.0].decode(bytes).chars() {
            self.put(id, c)?;
        }
        self.out.flush()
    }

    /// Says something in the tour's own name.
    pub fn narrate(&mut self, text: &str) -> io::Result<()> {
        self.end_line()?;
        writeln!(self.out, "{text}")?;
        self.out.flush()
    }

    /// Breaks the line if somebody is in the middle of one.
    pub fn end_line(&mut self) -> io::Result<()> {
        if let Some(id) = self.speaking.take() {
            self.voices[id.0].interrupted = true;
            writeln!(self.out)?;
        }
        Ok(())
    }

    fn put(&mut self, id: VoiceId, c: char) -> io::Result<()> {
        let voice = &mut self.voices[id.0];
        if c == '\r' {
            voice.returned = true;
            return Ok(());
        }
        let redraws = take(&mut voice.returned) && c != '\n';
        let was_interrupted = take(&mut voice.interrupted);
        if self.speaking == Some(id) && redraws {
            write!(self.out, "{}{}", if self.terminal { '\r' } else { '\n' }, voice.prefix)?;
        }
        if self.speaking != Some(id) {
            // Its line break is there already.
            if was_interrupted && c == '\n' {
                return Ok(());
            }
            self.end_line()?;
            write!(self.out, "{}", self.voices[id.0].prefix)?;
        }
        self.speaking = (c != '\n').then_some(id);
        write!(self.out, "{c}")
    }
}

impl Voice {
    /// The text so far. A character of which only the first bytes are here is held back.
    fn decode(&mut self, bytes: &[u8]) -> String {
        let mut bytes = [&take(&mut self.held), bytes].concat();
        let is_cut = |tail: &[u8]| {
            from_utf8(tail).is_err_and(|e| e.valid_up_to() == 0 && e.error_len().is_none())
        };
        // A character has 4 bytes at most, so 3 may be here without the last.
        let ends = bytes.len().saturating_sub(3)..bytes.len();
        if let Some(end) = ends.into_iter().find(|&end| is_cut(&bytes[end..])) {
            self.held = bytes.split_off(end);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

#[cfg(test)]
mod tests;
