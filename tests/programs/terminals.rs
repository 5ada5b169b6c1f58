//! What a reader sees in the two terminals: every pair of binaries as real processes.
//!
//! A carriage return is shown as `\r`, and the port that the system chose as the usual 8765.

use support::{
    assert_snapshot,
    process::{Finished, Server, run},
};

const USUAL_URL: &str = "ws://127.0.0.1:8765";

fn assert_terminal(name: &str, url: &str, terminal: &Finished) {
    let text = terminal.stdout.replace(url, USUAL_URL).replace('\r', "\\r");
    assert_snapshot(&format!("{name}_terminal"), &text);
    assert_eq!(terminal.stderr, "", "{name} has nothing to complain about");
}

/// Runs `clients`, one after another, against `server`, and pins what each of them prints.
async fn assert_terminals(server: &str, clients: &[&str]) {
    let running = Server::start(server).await;
    let url = running.url.clone();
    for client in clients {
        let terminal = run(client, &[&url], "").await;
        assert!(terminal.status.success(), "{client}: {terminal:?}");
        assert_terminal(client, &url, &terminal);
    }
    let terminal = running.stop().await;
    assert_terminal(server, &url, &terminal);
}

#[tokio::test]
async fn level1_echoes() {
    assert_terminals("level1_echo_server", &["level1_echo_client"]).await;
}

#[tokio::test]
async fn level2_converses() {
    assert_terminals("level2_bidirectional_server", &["level2_bidirectional_client"]).await;
}

#[tokio::test]
async fn level2_streams_a_poem_and_level3_takes_its_first_line() {
    let clients = ["level2_stream_client", "level3_wrong_client", "level3_correct_client"];
    assert_terminals("level2_stream_server", &clients).await;
}

#[tokio::test]
async fn level2_speaks_both_ways_at_once() {
    assert_terminals("level2_duplex_server", &["level2_duplex_client"]).await;
}

#[tokio::test]
async fn level4_translates() {
    assert_terminals("level4_translate_server", &["level4_translate_client"]).await;
}

#[tokio::test]
async fn level4_takes_the_sentence_from_the_command_line_and_the_url_on_either_side() {
    let server = Server::start("level4_translate_server").await;
    for arguments in [["Good morning!", &server.url], [&server.url, "Good morning!"]] {
        let terminal = run("level4_translate_client", &arguments, "").await;
        assert_eq!(terminal.stdout, "Translating:\n\r好 \r好 早上! \nTranslation complete!\n");
        assert!(terminal.status.success());
    }
}

#[tokio::test]
async fn level4_reads_sentences_line_by_line_from_standard_input() {
    let server = Server::start("level4_translate_server").await;
    let input = "Hello\nworld\n";
    let terminal = run("level4_translate_client", &["-", &server.url], input).await;
    assert_eq!(
        terminal.stdout,
        "Translating:\n\r你好 \nTranslation complete!\n\
         Translating:\n\r世界 \nTranslation complete!\n"
    );
    assert!(terminal.status.success());
}

#[tokio::test]
async fn help_is_the_header_of_the_file() {
    let lessons = [
        ("level2/bidirectional_server", "level2_bidirectional_server"),
        ("level2/bidirectional_client", "level2_bidirectional_client"),
        ("level2/stream_server", "level2_stream_server"),
        ("level2/stream_client", "level2_stream_client"),
        ("level2/duplex_server", "level2_duplex_server"),
        ("level2/duplex_client", "level2_duplex_client"),
        ("level3/wrong_client", "level3_wrong_client"),
        ("level3/correct_client", "level3_correct_client"),
        ("level3/blocking_server", "level3_blocking_server"),
        ("level3/async_server", "level3_async_server"),
        ("level3/pitfalls/main", "level3_pitfalls"),
        ("level4/translate_server", "level4_translate_server"),
        ("level4/translate_client", "level4_translate_client"),
    ];
    for (path, binary) in lessons {
        let path = format!("{}/lessons/{path}.rs", env!("CARGO_MANIFEST_DIR"));
        let source = std::fs::read_to_string(&path).expect("a binary's name is its path");
        let first_line = source.lines().next().and_then(|line| line.strip_prefix("//! "));
        let help = run(binary, &["--help"], "").await;
        assert!(help.status.success());
        assert!(help.stdout.starts_with(first_line.expect("a header")), "{}", help.stdout);
        assert!(help.stdout.contains("Usage: "), "{}", help.stdout);
    }
    for binary in ["level1_echo_server", "level1_echo_client"] {
        let help = run(binary, &["--help"], "").await;
        assert!(help.status.success());
        assert!(help.stdout.starts_with(&format!("Usage: {binary} ")), "{}", help.stdout);
    }
}
