//! How many exercises are solved, in all levels.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::PathBuf,
    thread,
};

use super::{check::Exercise, child, source};
use crate::{build_folder, project};

/// Which exercises are solved, as far as that is known.
pub struct Progress {
    /// Those of this judge.
    exercises: Vec<Exercise>,
    verdicts: BTreeMap<String, bool>,
}

impl Progress {
    pub fn new(exercises: Vec<Exercise>) -> Progress {
        Progress { exercises, verdicts: BTreeMap::new() }
    }

    pub fn verdict(&mut self, name: &str, solved: bool) {
        self.verdicts.insert(name.into(), solved);
    }

    /// One line, which is also left for the tour and for `tests/your_progress.rs`.
    ///
    /// It counts all exercises. Those of this judge that a filter has left out are checked now;
    /// those of other levels, as their own judge found them the last time.
    pub fn summary(&mut self) -> String {
        let known = &mut self.verdicts;
        let begun = self.exercises.iter().filter(|it| !source::is_pending(it.source));
        let left_out = begun.filter(|it| !known.contains_key(&it.name));
        // All at once: one alone may take seconds to say that it never ends.
        let verdicts: Vec<(String, bool)> = thread::scope(|scope| {
            let check = |name: &String| (name.clone(), child::is_right(name, &[]));
            let checks: Vec<_> = left_out.map(|it| scope.spawn(move || check(&it.name))).collect();
            checks.into_iter().filter_map(|check| check.join().ok()).collect()
        });
        known.extend(verdicts);
        let mut solved = remembered();
        for exercise in &self.exercises {
            match known.get(&exercise.name) {
                Some(true) => solved.insert(exercise.file.into()),
                _ => solved.remove(exercise.file),
            };
        }
        let files = self.all_files();
        solved.retain(|file| files.contains(file));
        let next = files.iter().find(|file| !solved.contains(*file));
        let (count, all) = (solved.len(), files.len());
        let summary = match next {
            Some(next) => told!("exercises: {} of {} solved, next: {}", count, all, next),
            None => told!("exercises: all {} solved. Congratulations!", all),
        };
        if let Err(error) = remember(&solved, &summary) {
            eprintln!("the tour will not know of it: {error}");
        }
        summary
    }

    /// The files of all exercises, this judge's in its own order.
    fn all_files(&self) -> Vec<String> {
        let own = self.exercises.iter().map(|it| it.file.to_string());
        let mut files: Vec<String> = own.collect();
        for level in 1..=9 {
            let folder = format!("lessons/level{level}/exercises");
            let Ok(entries) = fs::read_dir(project().join(&folder)) else { continue };
            let names = entries.flatten().map(|entry| entry.file_name());
            let paths = names.map(|name| format!("{folder}/{}", name.to_string_lossy()));
            let mut paths: Vec<String> = paths.filter(|path| path.ends_with(".rs")).collect();
            paths.sort();
            paths.retain(|path| !files.contains(path));
            files.extend(paths);
        }
        // The level is a single digit, and the sort keeps what is in order within each.
        files.sort_by_key(|file| file.get(..14).map(String::from));
        files
    }
}

/// The last summary, if there is one.
pub fn last_summary() -> Option<String> {
    fs::read_to_string(folder()?.join("exercises.txt")).ok()
}

fn remembered() -> BTreeSet<String> {
    let solved = folder().and_then(|folder| fs::read_to_string(folder.join("solved.txt")).ok());
    solved.unwrap_or_default().lines().map(String::from).collect()
}

fn remember(solved: &BTreeSet<String>, summary: &str) -> io::Result<()> {
    let Some(folder) = folder() else { return Ok(()) };
    fs::create_dir_all(&folder)?;
    let solved: Vec<&str> = solved.iter().map(String::as_str).collect();
    fs::write(folder.join("solved.txt"), solved.join("\n"))?;
    fs::write(folder.join("exercises.txt"), summary)
}

/// TARGET/tmp, as cargo calls it.
pub fn folder() -> Option<PathBuf> {
    Some(build_folder().parent()?.join("tmp"))
}
