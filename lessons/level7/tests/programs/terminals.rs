//! What both terminals show.

use support::{
    assert_snapshot,
    process::{Running, Server, command, run},
};

use crate::{address, server};

/// Ports and times are other ones each time.
fn steady(text: &str, server: &Server) -> String {
    let port = address(server).rsplit(':').next().expect("a port");
    text.replace(port, "8765")
}

#[tokio::test]
async fn one_publishes_and_another_reads() {
    let mut server = server(&[]).await;
    let mut reader = Running::start(&mut command("live_client", &[&server.url]));
    crate::until_metric(address(&server), "readers", 1).await;
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
