//! Clients that vanish: no task and no file is left of them.

use std::{
    fs,
    time::{Duration, Instant},
};

use futures_util::SinkExt;
use support::{
    client::{connect, next_chunk},
    course::{request, robust_servers},
    process::Server,
};
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;

use super::for_each;

fn open_files(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).expect("the server is running").count()
}

#[tokio::test]
async fn a_client_that_vanishes_stops_its_stream_within_one_chunk() {
    for_each(&robust_servers(), async |name| {
        let server = Server::start_with_log(name, "websocket_streaming=debug").await;
        let before = open_files(server.pid());
        for reset in [true, false] {
            let mut client = connect(&server.url).await;
            if let Some(request) = request(name) {
                let long = format!("{request} {}", "world ".repeat(100));
                client.send(Message::text(long)).await.unwrap();
            }
            next_chunk(&mut client).await;
            assert_eq!(open_files(server.pid()), before + 1);
            if reset {
                client.get_ref().set_zero_linger().unwrap();
            }
            let vanished = Instant::now();
            drop(client);
            // The connection's task owns its socket: when that is gone, so is the task.
            while open_files(server.pid()) > before {
                let chunk =
                    Duration::from_millis(if name.contains("translate") { 500 } else { 1000 });
                assert!(vanished.elapsed() < chunk, "{name}, reset: {reset}");
                sleep(Duration::from_millis(5)).await;
            }
        }
        let finished = server.stop().await;
        let lines: Vec<_> = finished.stderr.lines().collect();
        assert_eq!(lines.len(), 2, "one line for each: {}", finished.stderr);
        for line in lines {
            assert!(line.contains("DEBUG") && line.contains("the client left"), "{line}");
        }
    })
    .await;
}
