//! The two pipes of a program that are not its answer: its input, and what it complains of.

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    process::{ChildStderr, ChildStdin},
};

/// Writes the question, and with it the end of the input.
pub(crate) async fn tell(mut stdin: ChildStdin, question: String) {
    // It need not want to know.
    let _ = stdin.write_all(question.as_bytes()).await;
    let _ = stdin.write_all(b"\n").await;
}

/// Logs what it says on standard error, line by line, or 4 KiB at a time.
pub(crate) async fn log_errors(stderr: ChildStderr) {
    let mut stderr = BufReader::new(stderr);
    let mut line = Vec::new();
    while let Ok(1..) = (&mut stderr).take(4 * 1024).read_until(b'\n', &mut line).await {
        log::warn!("the program says: {}", String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
}
