//! What both terminals show.

use support::{
    assert_snapshot,
    deadline::soon,
    process::{Running, Server, command, run},
};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::{address, handshake, server, until_metric};

/// Ports and times are other ones each time.
fn steady(text: &str, server: &Server) -> String {
    let port = address(server).rsplit(':').next().expect("a port");
    text.replace(port, "8765")
}

#[tokio::test]
async fn one_publishes_and_another_reads() {
    let mut server = server(&[]).await;
    let mut reader = Running::start(&mut command("live_client", &[&server.url]));
    until_metric(address(&server), "readers", 1).await;
    let published =
        run("live_client", &[&server.url, "--publish"], "Hello\n世界\n\u{1b}[2J\n").await;
    reader.has_printed("[2J").await;
    assert_snapshot("level7_publisher_terminal", &published.stdout);
    server.signal("TERM");
    let mut lines = server.url.clone() + "\n";
    for _ in 0..2 {
        lines += &server.next_line().await;
        lines.push('\n');
    }
    let shown = steady(&lines, &server);
    assert_snapshot("level7_live_server_terminal", &format!("Listening on {shown}"));
}

#[tokio::test]
async fn the_help_of_both_is_a_page_that_one_can_read() {
    for name in ["live_server", "live_client"] {
        let help = run(name, &["--help"], "").await;
        assert!(help.status.success());
        let wide = help.stdout.lines().find(|line| line.chars().count() > 100);
        assert_eq!(wide, None, "{name}");
        assert_snapshot(&format!("level7_{name}_help"), &help.stdout);
    }
}

/// And it comes back: it would not, had it been told 401 or 403.
#[tokio::test]
async fn a_client_that_is_turned_away_for_now_says_so_in_words() {
    for (flags, is_leaving, due) in [
        (["--goodbye", "60"], true, "takes no new connections now (503)"),
        (["--connections", "1"], false, "takes no new connections now (503)"),
        (["--per-address", "1"], false, "has too many requests from your address (429)"),
    ] {
        let server = server(&flags).await;
        let _held = handshake(address(&server), "").await;
        if is_leaving {
            server.signal("TERM");
            until_metric(address(&server), "ready", 0).await;
        }
        let mut client = command("live_client", &[&server.url]).spawn().expect("it is built");
        let mut said = BufReader::new(client.stderr.take().expect("stderr is piped")).lines();
        let said = soon(said.next_line()).await.expect("it is text").expect("a line");
        assert!(said.starts_with(&format!("-- {} {due}; again in ", server.url)), "{said}");
    }
}
