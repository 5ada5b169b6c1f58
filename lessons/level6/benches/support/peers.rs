//! Who is measured: the log, and others beside it.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result};

use crate::{raw, send_each, server, server::Server};

/// A server that gives each line of its standard input to all its readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    RawLoop,
    RawTasks,
    Log,
    SendEach,
    Python,
    Node,
}

impl Peer {
    const ALL: [Peer; 6] =
        [Peer::RawLoop, Peer::RawTasks, Peer::Log, Peer::SendEach, Peer::Python, Peer::Node];

    pub fn name(self) -> &'static str {
        match self {
            Peer::RawLoop => "raw TCP, one loop",
            Peer::RawTasks => "raw TCP, a task each",
            Peer::Log => "the log",
            Peer::SendEach => "broadcast, a send each",
            Peer::Python => "Python, websockets",
            Peer::Node => "node, ws",
        }
    }

    /// Those that are on this machine; says of the others how they get there.
    pub fn all_here() -> Vec<Peer> {
        Peer::ALL.into_iter().filter(|peer| peer.is_here()).collect()
    }

    fn is_here(self) -> bool {
        let (mut test, install) = match self {
            Peer::Python => {
                let mut test = Command::new("python3");
                test.args(["-c", "import websockets.asyncio"]);
                (test, "pip install -r lessons/level6/benches/peers/requirements.txt")
            }
            Peer::Node => {
                let mut test = Command::new("node");
                test.args(["--input-type=module", "-e", "import 'ws'"]);
                (test, "npm --prefix lessons/level6/benches/peers install")
            }
            _ => return true,
        };
        test.current_dir(folder()).stdout(Stdio::null()).stderr(Stdio::null());
        let is_here = test.status().is_ok_and(|status| status.success());
        if !is_here {
            println!("Not measured: {}. To have it here: {install}", self.name());
        }
        is_here
    }

    pub fn start(self) -> Result<Server> {
        let this = env::current_exe()?;
        let this = this.to_str().context("a path in UTF-8")?;
        let script = |name| folder().join(name).to_string_lossy().into_owned();
        match self {
            Peer::RawLoop | Peer::RawTasks | Peer::SendEach => server::start(this, self.name()),
            Peer::Log => server::start(env!("CARGO_BIN_EXE_logs_server"), "127.0.0.1:0"),
            Peer::Python => server::start("python3", &script("readers.py")),
            Peer::Node => server::start("node", &script("readers.mjs")),
        }
    }

    /// Serves, if this process was started to be one of them.
    pub fn serve_if_asked() -> Option<Result<()>> {
        let asked = env::args().nth(1)?;
        Peer::ALL.into_iter().find(|peer| peer.name() == asked).and_then(|peer| match peer {
            Peer::RawLoop => Some(raw::serve_in_one_loop()),
            Peer::RawTasks => Some(raw::serve_in_tasks()),
            Peer::SendEach => Some(send_each::serve_until_the_end()),
            _ => None,
        })
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers")
}
