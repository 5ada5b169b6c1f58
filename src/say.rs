//! Printing that never waits.
//!
//! `println!` waits until the terminal, or whoever is at the other end of the pipe, has taken the
//! line, and panics when nobody is there any more. In a handler it would hold up a whole worker
//! thread with all its clients. So here a thread of its own prints, and what it cannot print in
//! time is left out, and counted.

use std::{
    borrow::Cow,
    fmt::{self, Write as _},
    io::{self, Write},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicUsize, Ordering::Relaxed},
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::Duration,
};

use tokio::{sync::oneshot, time::timeout};

/// How much may wait to be printed, in bytes: 8 MiB. What comes then is left out.
const MAX_WAITING: usize = 8 * 1024 * 1024;

/// How long [`all_said`] waits: 500 ms.
const PATIENCE: Duration = Duration::from_millis(500);

static STDOUT: LazyLock<Printer> = LazyLock::new(|| Printer::start(io::stdout()));
static STDERR: LazyLock<Printer> = LazyLock::new(|| Printer::start(io::stderr()));

// ANCHOR: say
/// Prints a line as `println!` does, except that it never waits and never fails, and that control
/// characters are made [`visible`](crate::visible()).
#[macro_export]
macro_rules! say {
    ($($text:tt)*) => { $crate::say(format_args!($($text)*)) };
}

/// What [`say!`] calls.
pub fn say(line: fmt::Arguments<'_>) {
    STDOUT.print(format!("{}\n", visible(&line.to_string())).into_bytes());
}
// ANCHOR_END: say

// ANCHOR: visible
/// The text with its control characters as a Rust literal would show them: `\u{1b}`, `\n`.
///
/// A terminal obeys them. A stranger's text could clear the screen, write to the clipboard, or, with
/// a line break, pretend to be a line of our own. (The marks that turn the direction of writing
/// around are shown as well: they can make a line read as another.)
pub fn visible(text: &str) -> Cow<'_, str> {
    let is_hidden = |c: char| {
        let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        c.is_control() || turns || matches!(c, '\u{2028}' | '\u{2029}')
    };
    if !text.contains(is_hidden) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        // A string takes all that is written to it.
        let _ =
            if is_hidden(c) { write!(shown, "{}", c.escape_debug()) } else { shown.write_char(c) };
    }
    shown.into()
}
// ANCHOR_END: visible

/// Waits until what was said before is printed, half a second at most: before the program ends.
pub async fn all_said() {
    let printed = [STDOUT.flush(), STDERR.flush()];
    let _ = timeout(PATIENCE, futures_util::future::join_all(printed)).await;
}

/// Standard error for the log: a line that is written to it is printed without waiting.
pub(crate) struct Log;

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        STDERR.print(line.to_vec());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

enum Item {
    Line(Vec<u8>),
    Flush(oneshot::Sender<()>),
}

struct Printer {
    queue: Sender<Item>,
    waiting: Arc<AtomicUsize>,
    left_out: Arc<AtomicUsize>,
}

impl Printer {
    fn start(output: impl Write + Send + 'static) -> Printer {
        let (queue, items) = channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let left_out = Arc::new(AtomicUsize::new(0));
        let printer = Printer { queue, waiting: waiting.clone(), left_out: left_out.clone() };
        // Not a task: nobody can be kept waiting by this thread.
        thread::spawn(move || print_all(&items, output, &waiting, &left_out));
        printer
    }

    fn print(&self, line: Vec<u8>) {
        let size = line.len();
        if self.waiting.fetch_add(size, Relaxed) + size > MAX_WAITING {
            self.waiting.fetch_sub(size, Relaxed);
            self.left_out.fetch_add(1, Relaxed);
            return;
        }
        // The thread ends only with the program.
        let _ = self.queue.send(Item::Line(line));
    }

    fn flush(&self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        let _ = self.queue.send(Item::Flush(sender));
        receiver
    }
}

fn print_all(
    items: &Receiver<Item>,
    mut output: impl Write,
    waiting: &AtomicUsize,
    left_out: &AtomicUsize,
) {
    for item in items {
        match item {
            Item::Line(line) => {
                // An error means that nobody reads any more. That is no reason to stop serving.
                let _ = output.write_all(&line).and_then(|()| output.flush());
                waiting.fetch_sub(line.len(), Relaxed);
                let count = left_out.swap(0, Relaxed);
                if count > 0 {
                    let _ = writeln!(output, "(left out, since nobody read them: {count} lines)");
                }
            }
            Item::Flush(done) => drop(done.send(())),
        }
    }
}
