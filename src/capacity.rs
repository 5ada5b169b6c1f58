//! How many connections a process can hold.

/// The most that [`serve()`](crate::serve()) holds at once, where the system allows as many.
const MAX_CONNECTIONS: usize = 10_000;

/// File descriptors that are not for connections: the standard streams, the runtime's own, the
/// listener, and refusals.
const OTHER_FILES: usize = 64;

/// How many refusals may be under way at once: they have files, too. Whoever comes then is dropped
/// without a word.
pub(crate) const MAX_REFUSALS: usize = OTHER_FILES / 2;

/// How many connections are accepted at once: 10,000, or as many as the process may open files,
/// less 64 for other purposes.
///
/// Linux says how many that is, and often it is 1,024; `ulimit -n` changes it. Elsewhere the limit
/// is found when it is reached, and accepting rests for a second.
pub fn max_connections() -> usize {
    // With so few files that nothing is left, trying is better than refusing everybody.
    max_files().map_or(MAX_CONNECTIONS, |files| {
        files.saturating_sub(OTHER_FILES).clamp(OTHER_FILES, MAX_CONNECTIONS)
    })
}

/// How many files this process may open, where Linux says it. A connection is one.
pub fn max_files() -> Option<usize> {
    std::fs::read_to_string("/proc/self/limits").ok().and_then(|limits| {
        let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
        line.split_whitespace().next()?.parse().ok()
    })
}
