//! The lessons' programs: which there are, and who speaks with whom.
//!
//! Which there are, cargo knows: from the lists in a `Cargo.toml` and from what lies in `src/bin`,
//! `tests` and `benches`. Only what it cannot know is in a table here.

use std::fs;

use crate::project;

/// A server with its clients.
#[derive(Debug)]
pub struct Pair {
    /// The package of a later level; Levels 1 to 4 are that of the whole project.
    pub package: Option<&'static str>,
    pub server: &'static str,
    /// What makes the server speak, unless it does so unasked.
    pub request: Option<&'static str>,
    /// A server without one is there for the consoles of the book.
    pub clients: &'static [&'static str],
}

const fn pair(
    server: &'static str,
    request: Option<&'static str>,
    clients: &'static [&'static str],
) -> Pair {
    Pair { package: None, server, request, clients }
}

/// It stands on a loop of its own, has no shutdown, and no log levels.
pub const LEVEL1: &str = "level1_echo_server";
/// It stands on `serve`, but is there to be seen to fail.
pub const BLOCKING: &str = "level3_blocking_server";

/// All servers but those of the exercises.
pub const PAIRS: &[Pair] = &[
    pair(LEVEL1, Some("Hello"), &["level1_echo_client"]),
    pair("level2_bidirectional_server", Some("Hello"), &["level2_bidirectional_client"]),
    pair(
        "level2_stream_server",
        None,
        &["level2_stream_client", "level3_wrong_client", "level3_correct_client"],
    ),
    pair("level2_duplex_server", Some("Hello"), &["level2_duplex_client"]),
    pair(BLOCKING, Some("Hello"), &[]),
    pair("level3_async_server", Some("Hello"), &[]),
    pair("level4_translate_server", Some("Hello"), &["level4_translate_client"]),
    Pair {
        package: Some("level5"),
        server: "assistant_server",
        request: Some(r#"{"type":"ask","id":"q1","text":"Hello"}"#),
        clients: &["assistant_client"],
    },
    Pair {
        package: Some("level6"),
        server: "logs_server",
        request: Some(r#"{"type":"subscribe"}"#),
        clients: &["logs_client"],
    },
    Pair {
        package: Some("level7"),
        server: "live_server",
        request: Some(r#"{"type":"subscribe"}"#),
        clients: &["live_client"],
    },
];

/// The pairs of Levels 1 to 4.
fn own_pairs() -> impl Iterator<Item = &'static Pair> {
    PAIRS.iter().filter(|pair| pair.package.is_none())
}

/// The servers of Levels 2 to 4 that nothing may harm.
pub fn robust_servers() -> Vec<&'static str> {
    let servers = own_pairs().map(|pair| pair.server);
    servers.filter(|server| ![LEVEL1, BLOCKING].contains(server)).collect()
}

/// The clients of Levels 1 to 4, each with the server that it wants.
pub fn clients() -> Vec<(&'static str, &'static str)> {
    let clients = own_pairs().map(|pair| pair.clients.iter().map(|client| (*client, pair.server)));
    clients.flatten().collect()
}

/// What makes this server speak; `None` if it does so unasked.
pub fn request(server: &str) -> Option<&'static str> {
    let pair = PAIRS.iter().find(|pair| pair.server == server);
    pair.expect("a server in the table").request
}

/// A program, a test or a benchmark.
#[derive(Debug)]
pub struct Target {
    /// As in [`Pair`].
    pub package: Option<String>,
    /// `bin`, `test` or `bench`, as in `Cargo.toml`.
    pub kind: &'static str,
    pub name: String,
    /// Its path from the project's folder.
    pub file: String,
}

impl Target {
    pub fn is_exercise(&self) -> bool {
        self.kind == "bin" && self.file.contains("/exercises/")
    }
}

/// The targets of all levels.
pub fn targets() -> Vec<Target> {
    let levels = names("lessons").into_iter();
    let levels = levels.filter(|level| exists(&format!("lessons/{level}/Cargo.toml")));
    let packages = [None].into_iter().chain(levels.map(Some));
    packages.flat_map(|package| targets_of(package.as_deref())).collect()
}

fn targets_of(package: Option<&str>) -> Vec<Target> {
    let root = package.map_or(String::new(), |level| format!("lessons/{level}/"));
    let manifest = read(&format!("{root}Cargo.toml"));
    let mut targets = Vec::new();
    for (kind, folder) in [("bin", "src/bin"), ("test", "tests"), ("bench", "benches")] {
        let mut add = |name: &str, path: &str| {
            let (name, file) = (name.to_string(), format!("{root}{path}"));
            targets.push(Target { package: package.map(String::from), kind, name, file });
        };
        let mut listed = Vec::new();
        for (name, path) in listed_in(&manifest, kind) {
            add(name, &path.map_or(format!("{folder}/{name}.rs"), String::from));
            listed.push(name);
        }
        // What lies there is a target too: NAME.rs, or NAME/main.rs.
        for entry in names(&format!("{root}{folder}")) {
            let name = entry.strip_suffix(".rs").unwrap_or(&entry);
            let path = [format!("{folder}/{name}.rs"), format!("{folder}/{name}/main.rs")]
                .into_iter()
                .find(|path| exists(&format!("{root}{path}")));
            if let (Some(path), false) = (path, listed.contains(&name)) {
                add(name, &path);
            }
        }
    }
    targets
}

/// The names in the list `bin = […]` of a manifest (or whichever kind), each with its path if that
/// is given.
fn listed_in<'a>(
    manifest: &'a str,
    kind: &str,
) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
    let list = manifest.split_once(&format!("\n{kind} = [\n")).map_or("", |(_, list)| list);
    let list = list.split_once("\n]").map_or(list, |(list, _)| list);
    list.lines().filter_map(|line| {
        let value = |key: &str| Some(line.split_once(&format!("{key} = \""))?.1.split_once('"')?.0);
        Some((value("name")?, value("path")))
    })
}

/// The files of all lessons that have a `main`.
pub fn lessons_with_a_main() -> Vec<String> {
    let mut files = sources("lessons");
    let has_main =
        |line: &str| line.starts_with("fn main()") || line.starts_with("async fn main()");
    files.retain(|file| read(file).lines().any(has_main));
    files
}

/// All Rust files in a folder, at any depth.
pub fn sources(folder: &str) -> Vec<String> {
    let paths = names(folder).into_iter().map(|name| format!("{folder}/{name}"));
    let inside = |path: String| {
        if project().join(&path).is_dir() { sources(&path) } else { vec![path] }
    };
    paths.flat_map(inside).filter(|path| path.ends_with(".rs")).collect()
}

/// What lies in a folder, in order; nothing if there is none.
fn names(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(project().join(folder)).into_iter().flatten().flatten();
    let mut names: Vec<_> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn exists(path: &str) -> bool {
    project().join(path).is_file()
}

/// The text of a file, by its path from the project's folder.
pub fn read(path: &str) -> String {
    let text = fs::read_to_string(project().join(path));
    text.unwrap_or_else(|error| panic!("{path}: {error}")).replace("\r\n", "\n")
}
