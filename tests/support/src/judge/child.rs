//! Each exercise is checked in a process of its own: whatever the code does there, the judge is
//! still here to say so. It may end its process, overflow its stack, or print without end.

use std::{
    env, fs,
    io::{self, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio, exit},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use super::{check::LIMIT, progress::folder, table::shortened};

/// The exercise that a child is asked about, and where it writes its verdict.
const NAME: &str = "JUDGED_EXERCISE";
const VERDICT: &str = "JUDGED_EXERCISE_VERDICT";

/// Code by the real clock takes seconds, after others that took theirs.
const DEADLINE: Duration = LIMIT.saturating_mul(5);

/// How much of what the code prints is shown.
const SHOWN: usize = 600;
const LINES: usize = 8;

/// In a child: the exercise that it is asked about.
pub fn asked() -> Option<String> {
    env::var(NAME).ok()
}

/// In a child: leaves the verdict, and ends.
pub fn answer(verdict: &Result<(), String>) -> ! {
    let words = verdict.as_ref().err().map_or("", String::as_str);
    let path = env::var_os(VERDICT).expect("whoever asks says where to answer");
    fs::write(path, format!("{}\n{words}", if verdict.is_ok() { "right" } else { "wrong" }))
        .expect("the verdict can be written");
    exit(0)
}

/// Asks a child, which is this program again, about the exercise `name` of `file`.
pub fn ask(name: &str, file: &str, arguments: &[&str]) -> Result<(), String> {
    let verdict = Verdict::new();
    let ended = run(name, arguments, &verdict.0)
        .map_err(|error| told!("{}\n\nThe check could not be run: {}", file, error))?;
    let printed = printed(&ended.printed);
    match verdict.read() {
        Some((true, _)) => Ok(()),
        Some((false, words)) => Err(format!("{words}{printed}")),
        None => Err(format!("{file}\n\n{}{printed}", ended.words())),
    }
}

/// Whether the exercise `name` is right, without words.
pub fn is_right(name: &str, arguments: &[&str]) -> bool {
    let verdict = Verdict::new();
    run(name, arguments, &verdict.0).is_ok() && matches!(verdict.read(), Some((true, _)))
}

/// The file in which a child leaves its verdict; gone with this value.
struct Verdict(PathBuf);

impl Verdict {
    fn new() -> Verdict {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = folder().filter(|folder| fs::create_dir_all(folder).is_ok());
        let file = format!("verdict-{}-{number}.txt", std::process::id());
        Verdict(folder.unwrap_or_else(env::temp_dir).join(file))
    }

    fn read(&self) -> Option<(bool, String)> {
        let text = fs::read_to_string(&self.0).ok()?;
        let (verdict, words) = text.split_once('\n')?;
        Some((verdict == "right", words.to_string()))
    }
}

impl Drop for Verdict {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

struct Ended {
    /// `None`: it had to be killed.
    status: Option<std::process::ExitStatus>,
    printed: String,
}

impl Ended {
    /// Why there is no verdict.
    fn words(&self) -> String {
        if self.printed.contains("has overflowed its stack") {
            return told!(
                "Your code overflowed its stack. Does a function call itself without end?"
            );
        }
        match self.status {
            Some(status) if status.success() => {
                told!(
                    "Your code ended the whole program, as if all were \
                 well (`std::process::exit(0)`), before the check had come to its end. In a server \
                 that ends every client's connection."
                )
            }
            Some(status) => told!(
                "Your code ended the whole program ({}) before the check had come to its end.",
                status
            ),
            None => {
                told!("Your code was still running after {} s of real time.", DEADLINE.as_secs())
            }
        }
    }
}

fn run(name: &str, arguments: &[&str], verdict: &Path) -> io::Result<Ended> {
    let mut child = Command::new(env::current_exe()?)
        .args(arguments)
        .env(NAME, name)
        .env(VERDICT, verdict)
        // An error that is printed with a backtrace buries the verdict.
        .env_remove("RUST_BACKTRACE")
        .env_remove("RUST_LIB_BACKTRACE")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let output = child.stdout.take().map(|pipe| thread::spawn(|| beginning(pipe)));
    let errors = child.stderr.take().map(|pipe| thread::spawn(|| beginning(pipe)));
    let status = wait(&mut child)?;
    let text = |reader: Option<thread::JoinHandle<String>>| {
        reader.and_then(|reader| reader.join().ok()).unwrap_or_default()
    };
    Ok(Ended { status, printed: text(output) + &text(errors) })
}

fn wait(child: &mut Child) -> io::Result<Option<std::process::ExitStatus>> {
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    while start.elapsed() < DEADLINE {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

/// The first characters of what comes, all of which is read: a full pipe would stop the child.
fn beginning(mut pipe: impl Read) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0; 8192];
    while let Ok(length @ 1..) = pipe.read(&mut buffer) {
        let room = (SHOWN * 4usize).saturating_sub(kept.len());
        kept.extend_from_slice(&buffer[..length.min(room)]);
    }
    String::from_utf8_lossy(&kept).into_owned()
}

fn printed(text: &str) -> String {
    let text = text.trim();
    let shown = text.lines().take(LINES).collect::<Vec<_>>().join("\n");
    let shown = shortened(&shown, SHOWN);
    match shown.len() < text.len() {
        _ if text.is_empty() => String::new(),
        true => told!("\n\nYour code printed (the beginning):\n{}\n…", shown),
        false => told!("\n\nYour code printed:\n{}", shown),
    }
}
