//! The real nginx, with the configuration that the course ships.

use std::{
    fs::{self, File},
    net::TcpListener,
    path::PathBuf,
    process::Stdio,
    time::Duration,
};

use level7::{DevCert, Server, Token};
use support::{deadline::soon, project};
use tokio::{
    net::TcpStream,
    process::{Child, Command},
    time::sleep,
};

use crate::folder::{Folder, tool};

pub struct Nginx {
    _process: Child,
    folder: Folder,
    /// `wss://localhost:PORT`
    pub url: String,
    ca: PathBuf,
}

impl Nginx {
    /// In front of the servers at these two addresses.
    pub async fn start(a: &str, b: &str) -> Nginx {
        let folder = Folder::new();
        let DevCert { ca, .. } = DevCert::in_folder(&folder.path().join("tls")).expect("one");
        // nginx cannot ask the system for a port.
        let port = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr());
        let port = port.expect("there is a free port").port();
        let log = folder.path().join("log");
        folder.write(
            "backends.conf",
            &with(deployed("backends.conf"), &[("127.0.0.1:8771", a), ("127.0.0.1:8772", b)]),
        );
        // Folders that otherwise only root may write to.
        let folders = "http {\n client_body_temp_path a; proxy_temp_path b; fastcgi_temp_path c; \
                       uwsgi_temp_path d; scgi_temp_path e;";
        folder.write(
            "nginx.conf",
            &with(
                deployed("nginx.conf"),
                &[
                    ("listen 8443 ssl", &format!("listen 127.0.0.1:{port} ssl")),
                    ("/dev/stdout", "access"),
                    ("http {", folders),
                ],
            ),
        );
        let process = Command::new(tool("nginx"))
            .arg("-p")
            .arg(folder.path())
            .args(["-c", "nginx.conf", "-g", "daemon off;"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).expect("a file in our own folder"))
            .spawn()
            .expect("nginx can be started");
        soon(async {
            while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                sleep(Duration::from_millis(10)).await;
            }
        })
        .await;
        Nginx { _process: process, folder, url: format!("wss://localhost:{port}"), ca }
    }

    /// The service, as a client with this token knows it.
    pub fn server(&self, token: Option<Token>) -> Server {
        Server::new(&self.url, Some(&self.ca), token).expect("a URL")
    }

    /// A line for every request that has ended.
    pub fn access_log(&self) -> String {
        fs::read_to_string(self.folder.path().join("access")).unwrap_or_default()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Killed with -9, the master would leave its workers behind.
        let pid = fs::read_to_string(self.folder.path().join("nginx.pid")).unwrap_or_default();
        let _ = std::process::Command::new("kill").args(["-TERM", pid.trim()]).status();
    }
}

/// A file of the course's manual for deployment.
pub fn deployed(name: &str) -> String {
    let path = project().join("lessons/level7/deploy").join(name);
    fs::read_to_string(path).expect("a file of the course")
}

/// The text with other addresses. What is to be replaced must be there.
fn with(text: String, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(text, |text, (old, new)| {
        assert!(text.contains(old), "no {old:?} in {text}");
        text.replace(old, new)
    })
}
