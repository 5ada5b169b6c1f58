//! What systemd itself says of the unit that the course ships. Nothing is started.

use std::process::Command;

use crate::{folder::Folder, proxy::deployed};

/// What `systemd-analyze` says of the unit, and whether it is content.
fn analyze(arguments: &[&str]) -> (bool, String) {
    let folder = Folder::new();
    let (installed, here) = ("/usr/local/bin/live_server", env!("CARGO_BIN_EXE_live_server"));
    let unit = deployed("live-server.service");
    assert!(unit.contains(installed));
    // A program that is not there would be a mistake, too.
    let unit = folder.write("live-server.service", &unit.replace(installed, here));
    let output = Command::new("systemd-analyze").args(arguments).arg(unit).output();
    let output = output.expect("systemd-analyze can be started");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

pub async fn systemd_knows_every_setting_of_the_unit() {
    // A setting that it does not know, or cannot read, it would leave out with a warning.
    let (content, said) = analyze(&["verify", "--man=no", "--recursive-errors=no"]);
    assert!(content && said.is_empty(), "{said}");
}

pub async fn the_unit_may_do_as_little_as_the_manual_says() {
    // In tenths. Without running it, systemd does not see all: 1.2 instead of the manual's 1.1.
    let (content, said) = analyze(&["security", "--no-pager", "--offline=true", "--threshold=12"]);
    assert!(content, "{said}");
}
