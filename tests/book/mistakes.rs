//! Would the checks find it? Texts with one mistake each.

use crate::{
    anchored, captions, dead_anchors,
    page::{Kind, Page},
    problems, promises, time_of,
};

const MISTAKES: [(Kind, &str, &str); 23] = [
    (Kind::Include, "{{#include ../../src/serve.rs:srve}}", "1: no such anchor"),
    (Kind::Include, "{{#include ../../src/serve.rs}}", "1: no such anchor"),
    (
        Kind::Include,
        "{{#include ../../lessons/level1/exercises/say_goodbye.rs::9}}",
        "1: a task is all",
    ),
    (Kind::Include, "{{#include ../../src/servant.rs:serve}}", "1: there is no such file"),
    (
        Kind::Include,
        "{{#include ../../tests/snapshots/level1_echo_transcript.snap}}",
        "1: a snapshot",
    ),
    (Kind::Include, "{{#playground ../../src/serve.rs:serve}}", "1: only `#include` and"),
    (Kind::Listing, "```rust\n{{#include a.rs:a}}\nfn main() {}\n```", "3: typed by hand"),
    (Kind::Listing, "A list:\n\n    fn main() {}", "3: typed by hand"),
    (Kind::Console, "```console\n$ cargo run\nReceived: Hello\n```", "3: not a command"),
    (
        Kind::Console,
        "1. So:\n\n   ```console\n   $ RUST_LOG=debug cargo runn\n   ```",
        "4: a command",
    ),
    (Kind::Code, "`cargo run --bin level1_echo`", "1: Cargo.toml has no"),
    (Kind::Code, "`cargo test --test ecoh`", "1: Cargo.toml has no"),
    (Kind::Code, "`cargo run --binary tour`", "1: an option"),
    (Kind::Code, "`cargo run --bin level1_echo_server -- --port 1`", "1: the program's --help"),
    (Kind::Code, "`cargo run -p level7 --bin live_server -- --natz u`", "1: the program's --help"),
    (Kind::Code, "`a_server_is_killed_and_nobody_cares`", "1: there is no such test"),
    (Kind::Code, "`lessons/level1/echo.rs`", "1: there is no such file"),
    (Kind::Code, "| a |\n|---|\n| `level1_echo` |", "3: there is no such program"),
    (Kind::Symptom, "| you see |\n|---|\n| `cannot reech ws://…` |", "3: nothing in the project"),
    (Kind::Link, "[away](levle1.md)", "1: there is no such file"),
    (Kind::Link, "![a frame](pictures/farme.svg)", "1: there is no such file"),
    (Kind::Link, "[away](level1.md#the-serve)", "1: there is no such heading"),
    (Kind::Link, "[away](../../README.md)", "1: the link leaves the book"),
];

#[test]
fn each_mistake_is_found_in_its_line() {
    for (kind, text, problem) in MISTAKES {
        let found = problems(&Page::parse("book/src/page.md", text), kind);
        let expected = format!("book/src/page.md:{problem}");
        assert!(found.len() == 1 && found[0].starts_with(&expected), "{text}\n{found:?}");
    }
}

#[test]
fn an_output_in_the_readme_is_one_that_a_terminal_showed() {
    let text = "```console\n$ cargo run\n你好 世界\nHello\n```";
    let found = problems(&Page::parse("README.md", text), Kind::Console);
    assert_eq!(found, ["README.md:4: no snapshot of a terminal has this line: Hello"]);
}

#[test]
fn headings_and_terms_have_the_ids_that_mdbook_gives() {
    let text = "# 1. The `serve` loop!\n\n## A *b* {#c}\n\nChunk of 中文\n: One piece.\n";
    let page = Page::parse("page.md", text);
    assert!(page.all(Kind::Id).eq(["1-the-serve-loop", "c", "chunk-of-中文"]));
}

#[test]
fn an_anchor_has_an_end_after_it_and_a_page_that_shows_it() {
    assert_eq!(anchored("// ANCHOR: a\nx\n// ANCHOR_END: a\n", "a"), Some("x"));
    assert_eq!(anchored("// ANCHOR_END: a\n// ANCHOR: a\nx\n", "a"), None);
    let found = dead_anchors("src/a.rs", "// ANCHOR: a\n// ANCHOR: b", &["src/a.rs:b".into()]);
    assert_eq!(found, ["src/a.rs:1: no page shows this anchor: a"]);
}

#[test]
fn a_time_is_taken_from_its_page_and_a_wrong_promise_is_found() {
    assert_eq!(time_of("# A\n\n*An evening.*\n"), Some("an evening".into()));
    assert_eq!(time_of("# A\n\nNo time, but *something*.\n"), None);
    let text = "Next: [Set-up](setup.md) (9 minutes)";
    let found = promises(&Page::parse("book/src/page.md", text), text);
    assert_eq!(found, ["book/src/page.md:1: not ` (10 minutes)`, as its page says"]);
}

#[test]
fn a_listing_under_another_files_name_is_found() {
    let listing = |named| {
        format!(
            "<p class=\"file\"><code>{named}</code></p>\n\n```rust\n{{{{#rustdoc_include a.rs:b}}}}\n```"
        )
    };
    let found = |text: String| captions(&Page::parse("book/src/page.md", &text), &text);
    assert!(found(listing("book/src/a.rs")).is_empty());
    assert_eq!(found(listing("book/src/b.rs")).len(), 1);
    assert_eq!(found("\n\n```rust\n{{#rustdoc_include a.rs:b}}\n```".into()).len(), 1);
    let alone = listing("book/src/a.rs").replace("rustdoc_", "");
    assert_eq!(found(alone), ["book/src/page.md:4: the rest of its file is out of reach"]);
}
