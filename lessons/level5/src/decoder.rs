//! From bytes to text, wherever the bytes are cut.

// ANCHOR: Decoder
/// Makes text of bytes that come in pieces. A character of which only the first bytes have come
/// waits for the rest; what is no UTF-8 becomes `\u{fffd}`.
#[derive(Debug, Default)]
pub struct Decoder {
    rest: Vec<u8>,
}

impl Decoder {
    /// The text that these bytes complete; it may be empty.
    pub fn decode(&mut self, bytes: &[u8]) -> String {
        self.rest.extend(bytes);
        let mut text = String::new();
        let mut cut = Vec::new();
        for chunk in self.rest.utf8_chunks() {
            text += chunk.valid();
            let invalid = chunk.invalid();
            // No error has a length where the bytes are right so far: only the end of the input
            // can be so.
            let is_cut = |error: std::str::Utf8Error| error.error_len().is_none();
            match std::str::from_utf8(invalid) {
                Ok(_empty) => {}
                Err(error) if is_cut(error) && self.rest.ends_with(invalid) => cut = invalid.into(),
                Err(_) => text.push(char::REPLACEMENT_CHARACTER),
            }
        }
        self.rest = cut;
        text
    }

    /// What is left when no more will come: nothing, or half a character, shown as `\u{fffd}`.
    pub fn finish(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.rest)).into()
    }
}
// ANCHOR_END: Decoder
