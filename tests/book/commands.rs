//! Does a quoted command work? Only those of cargo and of mdBook are looked at.

use std::{env::consts::EXE_EXTENSION, path::Path, process::Command};

use crate::{exists, read};

/// What the text may use. `--bin`, `--test` and `--bench` take a name.
const KNOWN: [(&str, &[&str]); 7] = [
    ("cargo bench", &["--bench"]),
    ("cargo doc", &["--open", "--package"]),
    ("cargo fetch", &[]),
    ("cargo install", &["--locked"]),
    ("cargo run", &["--bin"]),
    ("cargo test", &["--features", "--test"]),
    ("mdbook serve", &["--open"]),
];

/// What is wrong with a command line, if anything.
pub fn problem(line: &str) -> Option<&'static str> {
    line.split(['#', '<']).next()?.split("&&").find_map(|command| {
        let words = command.split_whitespace().skip_while(|word| word.contains('='));
        check(&words.collect::<Vec<_>>())
    })
}

/// Has Cargo.toml a target of that kind (`bin`, `test` or `bench`) and name?
pub fn is_target(kind: &str, name: &str) -> bool {
    let files = [format!("tests/{name}.rs"), format!("tests/{name}/main.rs")];
    read("Cargo.toml").contains(&format!("[[{kind}]]\nname = \"{name}\"\n"))
        || (kind == "test" && files.iter().any(|path| exists(path)))
}

fn check(words: &[&str]) -> Option<&'static str> {
    let [tool @ ("cargo" | "mdbook"), command, arguments @ ..] = words else { return None };
    let name = format!("{tool} {command}");
    let Some((_, options)) = KNOWN.iter().find(|(known, _)| *known == name) else {
        return Some("a command that tests/book does not know");
    };
    let mut binary = "tour";
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if name == "cargo run" && (*word == "--" || !word.starts_with("--")) {
            // From here on, cargo passes everything to the program.
            let fine = [word].into_iter().chain(words).all(|word| takes(binary, word));
            return (!fine).then_some("the program's --help does not list this option");
        }
        if word.starts_with('-') && !options.contains(word) {
            return Some("an option that tests/book does not know");
        }
        if let "--bin" | "--test" | "--bench" = *word {
            binary = words.next()?;
            if !is_target(&word[2..], binary) {
                return Some("Cargo.toml has no such target");
            }
        }
    }
    None
}

fn takes(binary: &str, word: &str) -> bool {
    let path = Path::new(env!("CARGO_BIN_EXE_tour")).with_file_name(binary);
    let ask = || Command::new(path.with_extension(EXE_EXTENSION)).arg("--help").output();
    let lists = |help: &[u8]| {
        String::from_utf8_lossy(help).split([' ', ',', '\n']).any(|listed| listed == word)
    };
    !word.starts_with('-') || ["-", "--"].contains(&word) || ask().is_ok_and(|it| lists(&it.stdout))
}
