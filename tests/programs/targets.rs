//! Is every lesson a program that can be run, and is each in the lists that lead to it?

use std::{collections::BTreeSet, fmt::Debug};

use support::{
    course::{PAIRS, Target, lessons_with_a_main, read, sources, targets},
    process::run,
};

fn programs() -> impl Iterator<Item = Target> {
    targets().into_iter().filter(|target| target.kind == "bin")
}

/// The two lists, each with its name, have the same in them.
fn assert_same<T: Ord + Debug>(left: (&str, Vec<T>), right: (&str, Vec<T>)) {
    let (left_name, left) = (left.0, BTreeSet::from_iter(left.1));
    let (right_name, right) = (right.0, BTreeSet::from_iter(right.1));
    let only_left: Vec<_> = left.difference(&right).collect();
    let only_right: Vec<_> = right.difference(&left).collect();
    assert!(left == right, "only in {left_name}: {only_left:?}; in {right_name}: {only_right:?}");
}

fn assert_none(problem: &str, found: Vec<String>) {
    assert!(found.is_empty(), "{problem}: {found:#?}");
}

#[test]
fn every_lesson_with_a_main_is_a_target() {
    let targets = targets();
    let mut files = lessons_with_a_main();
    files.retain(|file| targets.iter().all(|target| target.file != *file));
    assert_none("cargo does not know, since no Cargo.toml lists", files);
}

#[test]
fn a_program_is_named_after_its_file() {
    let named = |program: &Target| {
        let file = program.file.strip_prefix("lessons/").unwrap_or(&program.file);
        let path = file.trim_end_matches(".rs").trim_end_matches("/main").replace('/', "_");
        path == program.name || file.ends_with(&format!("/src/bin/{}.rs", program.name))
    };
    let misnamed = programs().filter(|program| !named(program)).map(|program| program.name);
    assert_none("not named after their files", misnamed.collect());
}

#[test]
fn every_server_and_every_client_is_in_the_table_of_pairs() {
    let paired = PAIRS.iter().flat_map(|pair| {
        let names = [pair.server].into_iter().chain(pair.clients.iter().copied());
        names.map(|name| (pair.package.map(String::from), name.to_string()))
    });
    let ends = |name: &str| name.ends_with("_server") || name.ends_with("_client");
    let speaking = programs().filter(|it| !it.is_exercise() && ends(&it.name));
    let speaking = speaking.map(|it| (it.package, it.name));
    assert_same(("the table of pairs", paired.collect()), ("Cargo.toml", speaking.collect()));
}

#[test]
fn every_exercise_is_judged_and_has_a_solution() {
    let forgotten = programs().filter(Target::is_exercise).filter(|exercise| {
        let (level, name) = exercise.file.split_once("/exercises/").expect("an exercise");
        let judge = match exercise.package {
            Some(_) => read(&format!("{level}/tests/exercises.rs")),
            None => read("lessons/exercises.rs"),
        };
        let entry = format!(" {}: ", name.trim_end_matches(".rs"));
        !judge.contains(&entry) || !sources(level).contains(&format!("{level}/solutions/{name}"))
    });
    assert_none("not in the judge's list, or no solution", forgotten.map(|it| it.file).collect());
}

#[test]
fn the_last_test_that_cargo_runs_says_how_far_the_learner_has_come() {
    let tests: Vec<Target> = targets().into_iter().filter(|it| it.kind == "test").collect();
    for judge in tests.iter().filter(|it| it.name == "exercises") {
        // It runs those of a package in the order of their names.
        let own = tests.iter().filter(|it| it.package == judge.package).map(|it| &*it.name);
        assert_eq!(own.max(), Some("your_progress"), "{:?}", judge.package);
    }
}

#[test]
fn every_server_has_a_console_in_the_book_and_every_console_a_server() {
    let pages = std::fs::read_dir(support::project().join("book/src")).expect("the book");
    let pages = pages.map(|page| page.expect("a page").path());
    let pages = pages.filter(|page| page.extension().is_some_and(|it| it == "md"));
    let pages = pages.map(|page| std::fs::read_to_string(page).expect("text"));
    let mut offered = Vec::new();
    for page in pages {
        for console in page.split("<div class=\"console\"").skip(1) {
            let servers = console.split_once("data-server=\"").and_then(|it| it.1.split_once('"'));
            let servers = servers.expect("a console has a server").0;
            let tag = console.split('>').next().unwrap_or_default();
            let package = tag.split_once("data-package=\"").and_then(|it| it.1.split('"').next());
            let package = package.map(String::from);
            offered.extend(servers.split(' ').map(|name| (package.clone(), name.to_string())));
        }
    }
    let is_server = |it: &Target| it.name.ends_with("_server") || is_exercise_of_a_server(it);
    let servers = programs().filter(is_server).map(|it| (it.package, it.name));
    assert_same(("the consoles of the book", offered), ("Cargo.toml", servers.collect()));
}

fn is_exercise_of_a_server(program: &Target) -> bool {
    program.is_exercise() && !read(&program.file).contains("server_url(")
}

/// Level 1 takes its argument by hand, its exercises without any help.
#[tokio::test]
async fn every_program_has_a_help_and_from_level_2_on_it_is_the_header_of_its_file() {
    for program in programs().filter(|it| it.package.is_none() && it.name.starts_with("level")) {
        let level1 = program.name.starts_with("level1_");
        if level1 && program.is_exercise() {
            continue;
        }
        let help = run(&program.name, &["--help"], "").await;
        assert!(help.status.success(), "{}", program.name);
        if level1 {
            let usage = format!("Usage: {} ", program.name);
            assert!(help.stdout.starts_with(&usage), "{}", help.stdout);
        } else {
            let source = read(&program.file);
            let header = source.lines().next().and_then(|line| line.strip_prefix("//! "));
            assert!(help.stdout.starts_with(header.expect("a header")), "{}", help.stdout);
            assert!(help.stdout.contains("Usage: "), "{}", help.stdout);
        }
    }
}
