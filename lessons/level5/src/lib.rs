//! Level 5: an assistant that streams its answers, with a stop button.
