//! Standard input, for the servers that this benchmark is itself.

use std::io::{self, BufRead};

use anyhow::Result;

/// Gives all lines that are there at once, as events like the log's, until the input ends.
pub fn each_burst(mut give: impl FnMut(&[String])) -> Result<()> {
    let mut input = io::BufReader::with_capacity(64 * 1024, io::stdin().lock());
    let (mut bytes, mut seq) = (Vec::new(), 0);
    loop {
        let chunk = input.fill_buf()?;
        if chunk.is_empty() {
            return Ok(());
        }
        let length = chunk.len();
        bytes.extend_from_slice(chunk);
        input.consume(length);
        // A line that has come in part waits for the rest.
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |it| it + 1);
        let events: Vec<String> = String::from_utf8_lossy(&bytes[..whole])
            .lines()
            .map(|text| {
                seq += 1;
                format!(
                    r#"{{"type":"line","seq":{seq},"ms":12345,"text":"{text}","readers":1000}}"#
                )
            })
            .collect();
        bytes.drain(..whole);
        if !events.is_empty() {
            give(&events);
        }
    }
}
