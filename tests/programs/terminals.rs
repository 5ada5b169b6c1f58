//! What a reader sees in the two terminals: every pair of binaries as real processes.
//!
//! A carriage return is shown as `\r`, and the port that the system chose as the usual 8765.

use support::{
    assert_snapshot,
    course::{PAIRS, Pair},
    process::{Finished, Server, run},
};

use crate::for_each;

const USUAL_URL: &str = "ws://127.0.0.1:8765";

fn assert_terminal(name: &str, url: &str, terminal: &Finished) {
    let text = terminal.stdout.replace(url, USUAL_URL).replace('\r', "\\r");
    assert_snapshot(&format!("{name}_terminal"), &text);
    assert_eq!(terminal.stderr, "", "{name} has nothing to complain about");
}

#[tokio::test]
async fn every_pair_prints_what_the_book_shows() {
    let is_here = |pair: &&Pair| pair.package.is_none() && !pair.clients.is_empty();
    let pairs: Vec<_> = PAIRS.iter().filter(is_here).collect();
    for_each(&pairs, a_pair_prints_what_the_book_shows).await;
}

/// Runs all clients of a server at once, and pins what each of them prints.
async fn a_pair_prints_what_the_book_shows(pair: &Pair) {
    let server = Server::start(pair.server).await;
    let url = server.url.clone();
    for_each(pair.clients, async |client| {
        let terminal = run(client, &[&url], "").await;
        assert!(terminal.status.success(), "{client}: {terminal:?}");
        assert_terminal(client, &url, &terminal);
    })
    .await;
    assert_terminal(pair.server, &url, &server.stop().await);
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
