//! The two pipes of a program that are not its answer: its input, and what it complains of.

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy, sink},
    process::{ChildStderr, ChildStdin},
    task::yield_now,
};

/// Writes the question, and with it the end of the input.
pub(crate) async fn tell(mut stdin: ChildStdin, question: String) {
    // It need not want to know.
    let _ = stdin.write_all(question.as_bytes()).await;
    let _ = stdin.write_all(b"\n").await;
}

/// How many lines of it are logged: 1,000. A log is no place for all that a program can say.
const MAX_LINES: usize = 1000;

/// Logs what it says on standard error, line by line, or 4 KiB at a time.
pub(crate) async fn log_errors(stderr: ChildStderr) {
    let mut stderr = BufReader::new(stderr);
    let mut line = Vec::new();
    for _ in 0..MAX_LINES {
        let Ok(1..) = (&mut stderr).take(4 * 1024).read_until(b'\n', &mut line).await else {
            return;
        };
        log::warn!("the program says: {}", String::from_utf8_lossy(&line).trim_end());
        line.clear();
        // What is in the buffer is there without waiting, and others have words to say.
        yield_now().await;
    }
    log::warn!("the program says more, which is not logged");
    // It is read all the same: a program waits while this pipe is full.
    let _ = copy(&mut stderr, &mut sink()).await;
}
