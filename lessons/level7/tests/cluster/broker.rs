//! The real nats-server, which can be killed and started again.

use std::{fs, process::Stdio, time::Duration};

use async_nats::jetstream::{self, Context};
use support::deadline::soon;
use tokio::{
    net::TcpStream,
    process::{Child, Command},
    time::sleep,
};

use crate::folder::{Folder, tool};

pub struct Broker {
    folder: Folder,
    port: u16,
    process: Option<Child>,
}

impl Broker {
    pub async fn start() -> Broker {
        let mut broker = Broker { folder: Folder::new(), port: 0, process: None };
        broker.start_again().await;
        broker
    }

    /// `nats://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Starts it again, at the same port, with what is in its folder.
    pub async fn start_again(&mut self) {
        let (path, port) = (self.folder.path(), i32::from(self.port));
        let log = fs::File::create(path.join("log")).expect("a file in our own folder");
        let process = Command::new(tool("nats-server"))
            .args(["-js", "-a", "127.0.0.1", "-p", &if port == 0 { -1 } else { port }.to_string()])
            .arg("-sd")
            .arg(path)
            .arg("--ports_file_dir")
            .arg(path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn();
        let process = process.expect("nats-server can be started");
        let id = process.id().expect("it runs");
        self.process = Some(process);
        if self.port == 0 {
            let ports = path.join(format!("nats-server_{id}.ports"));
            self.port = soon(async {
                loop {
                    let text = fs::read_to_string(&ports).unwrap_or_default();
                    if let Some(port) = port_in(&text) {
                        break port;
                    }
                    sleep(Duration::from_millis(10)).await;
                }
            })
            .await;
        }
        soon(async {
            while TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
                sleep(Duration::from_millis(10)).await;
            }
        })
        .await;
    }

    /// Kills it, as a crash would.
    pub async fn kill(&mut self) {
        let mut process = self.process.take().expect("it runs");
        process.kill().await.expect("it runs");
    }

    /// Sends a signal by its name: STOP, and it hears and says nothing until CONT.
    pub fn signal(&self, name: &str) {
        let id = self.process.as_ref().and_then(Child::id).expect("it runs").to_string();
        let status = std::process::Command::new("kill").args([format!("-{name}"), id]).status();
        assert!(status.is_ok_and(|status| status.success()), "it runs");
    }

    /// Throws away all that it has kept.
    pub fn wipe(&self) {
        fs::remove_dir_all(self.folder.path().join("jetstream")).expect("it has kept something");
    }

    /// A client of its own.
    pub async fn jetstream(&self) -> Context {
        jetstream::new(async_nats::connect(self.url()).await.expect("the broker runs"))
    }
}

/// The port in `{"nats":["nats://127.0.0.1:41239"], …}`.
fn port_in(text: &str) -> Option<u16> {
    let ports: serde_json::Value = serde_json::from_str(text).ok()?;
    ports["nats"][0].as_str()?.rsplit(':').next()?.parse().ok()
}
