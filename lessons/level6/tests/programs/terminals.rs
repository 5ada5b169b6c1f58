//! What a reader sees in the two terminals. The port that the system chose is shown as 8765.

use support::{
    assert_snapshot,
    course::read,
    process::{Finished, run},
};

use crate::server_of;

fn assert_terminal(name: &str, address: &str, terminal: &Finished) {
    let text = terminal.stdout.replace(address, "127.0.0.1:8765");
    assert_snapshot(&format!("level6_{name}_terminal"), &text);
}

#[tokio::test]
async fn the_pair_prints_what_the_book_shows() {
    let server =
        server_of("echo one; sleep 0.2; echo two >&2; sleep 0.2; echo three; exit 3").await;
    let (url, address) = (server.url.clone(), server.address().to_string());
    let client = run("logs_client", &[&url], "").await;
    assert!(client.status.success(), "the log came to its end: {client:?}");
    assert_terminal("logs_client", &address, &client);
    assert_eq!(client.stderr, "-- connected --\n");
    let server = server.stop().await;
    assert_terminal("logs_server", &address, &server);
    assert_eq!(server.stderr, "");
}

#[tokio::test]
async fn the_help_is_the_header_of_the_file() {
    for name in ["logs_server", "logs_client"] {
        let help = run(name, &["--help"], "").await;
        assert!(help.status.success());
        let source = read(&format!("lessons/level6/src/bin/{name}.rs"));
        let header = source.lines().next().and_then(|line| line.strip_prefix("//! "));
        assert!(help.stdout.starts_with(header.expect("a header")), "{}", help.stdout);
        assert!(help.stdout.contains("Usage: "), "{}", help.stdout);
    }
}
