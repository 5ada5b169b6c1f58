//! Does a quoted command work? Only those of cargo and of mdBook are looked at.

use std::{env::consts::EXE_EXTENSION, path::Path, process::Command, sync::LazyLock};

use support::course::{Target, targets};

use crate::exists;

/// What the text may use. `--bin`, `--test` and `--bench` take a name.
const KNOWN: [(&str, &[&str]); 9] = [
    ("cargo add", &["--features", "--no-default-features", "--path"]),
    ("cargo bench", &["--bench", "-p"]),
    ("cargo doc", &["--open", "--package"]),
    ("cargo fetch", &[]),
    ("cargo init", &[]),
    ("cargo install", &["--locked"]),
    ("cargo run", &["--bin", "-p"]),
    ("cargo test", &["--features", "--no-fail-fast", "--test", "-p"]),
    ("mdbook serve", &["--open"]),
];

/// What is wrong with a command line, if anything.
pub fn problem(line: &str) -> Option<&'static str> {
    // What stands in quotes is one word, and the program's own affair.
    let line: String = line.split('\'').step_by(2).collect::<Vec<_>>().join("'…'");
    line.split(['#', '<']).next()?.split("&&").find_map(|command| {
        let words = command.split_whitespace().skip_while(|word| word.contains('='));
        check(&words.collect::<Vec<_>>())
    })
}

/// Has this level a target of that kind (`bin`, `test` or `bench`) and name? The package of a later
/// level is in `lessons`; Levels 1 to 4 are the package of the whole project.
pub fn is_target(level: Option<&str>, kind: &str, name: &str) -> bool {
    static TARGETS: LazyLock<Vec<Target>> = LazyLock::new(targets);
    TARGETS.iter().any(|it| it.package.as_deref() == level && it.kind == kind && it.name == name)
}

fn check(words: &[&str]) -> Option<&'static str> {
    let [tool @ ("cargo" | "mdbook"), command, arguments @ ..] = words else { return None };
    let name = format!("{tool} {command}");
    let Some((_, options)) = KNOWN.iter().find(|(known, _)| *known == name) else {
        return Some("a command that tests/book does not know");
    };
    let mut level = None;
    let mut binary = "tour";
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if name == "cargo run" && (["-", "--"].contains(word) || !word.starts_with('-')) {
            if *word == "--" && takes_a_command(level, binary) {
                return None;
            }
            // From here on, cargo passes everything to the program.
            let fine = [word].into_iter().chain(words).all(|word| takes(level, binary, word));
            return (!fine).then_some("the program's --help does not list this option");
        }
        if name == "cargo bench" && *word == "--" {
            let source = crate::read(&format!("lessons/{}/benches/{binary}.rs", level?));
            let fine = words.all(|word| source.contains(&format!("wanted({word:?})")));
            return (!fine).then_some("the benchmark measures nothing of that name");
        }
        if word.starts_with('-') && !options.contains(word) {
            return Some("an option that tests/book does not know");
        }
        match *word {
            "-p" => {
                level = words.next().copied();
                let name = level?;
                let folders = ["lessons", "examples"];
                if !folders.iter().any(|folder| exists(&format!("{folder}/{name}/Cargo.toml"))) {
                    return Some("there is no such package in lessons or examples");
                }
            }
            "--bin" | "--test" | "--bench" => {
                binary = words.next()?;
                if !is_target(level, &word[2..], binary) {
                    return Some("Cargo.toml has no such target");
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether what follows `--` is the program's own affair: another program and its arguments.
fn takes_a_command(level: Option<&str>, binary: &str) -> bool {
    let source = level.map(|level| crate::read(&format!("lessons/{level}/src/bin/{binary}.rs")));
    source.is_some_and(|source| source.contains(".last(true)"))
}

fn takes(level: Option<&str>, binary: &str, word: &str) -> bool {
    if let (Some(level), Some(option)) = (level, word.strip_prefix("--")) {
        // It need not be built here. An option may be named elsewhere in the level's sources.
        let source = crate::read(&format!("lessons/{level}/src/bin/{binary}.rs"));
        let flags = crate::read_all(&format!("lessons/{level}/src"), "flags.rs");
        let is_in = |text: &str| text.contains(&format!("(\"{option}\","));
        let has = source.contains(&format!(".long(\"{option}\")"));
        return option.is_empty() || has || is_in(&source) || is_in(&flags);
    }
    let path = Path::new(env!("CARGO_BIN_EXE_tour")).with_file_name(binary);
    let ask = || Command::new(path.with_extension(EXE_EXTENSION)).arg("--help").output();
    let lists = |help: &[u8]| {
        String::from_utf8_lossy(help).split([' ', ',', '\n']).any(|listed| listed == word)
    };
    !word.starts_with('-') || ["-", "--"].contains(&word) || ask().is_ok_and(|it| lists(&it.stdout))
}
