//! What answers: anything that gives a stream of words.

use anyhow::Result;
use futures_util::stream::BoxStream;

// ANCHOR: Answerer
/// An answer as it comes, piece by piece. Dropping it stops whatever makes it.
///
/// The pieces, one after the other, are the text: white space and all. An error ends the answer as
/// failed. It is shown to the reader: so it is a sentence, and details belong in the log.
pub type Words = BoxStream<'static, Result<String>>;

/// Somebody to talk to, for as long as one connection lasts.
pub trait Answerer: Send {
    /// Begins an answer. Other answers may still be running.
    ///
    /// Must not block: whatever takes time belongs into the stream. Nobody asks the stream for the
    /// next piece before there is room for it on the way to the client.
    fn answer(&mut self, question: &str) -> Words;
}
// ANCHOR_END: Answerer

impl<F: FnMut(&str) -> Words + Send> Answerer for F {
    fn answer(&mut self, question: &str) -> Words {
        self(question)
    }
}
