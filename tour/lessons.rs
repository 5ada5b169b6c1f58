//! The lessons as programs: where they are, and how they come to be there.

use std::{
    env,
    io::{self, Write},
    path::PathBuf,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use tokio::{process::Command, time::timeout};

use crate::{cast::Cast, program::Play};

/// A build that takes longer is announced. With nothing to do, it takes 0.1 s.
const PATIENCE: Duration = Duration::from_secs(1);

/// A lesson's binary is beside the tour's own.
pub fn path(binary: &str) -> io::Result<PathBuf> {
    Ok(env::current_exe()?.with_file_name(format!("{binary}{}", env::consts::EXE_SUFFIX)))
}

/// Builds what these plays need, for `cargo run` builds the tour alone. Does nothing when the tour
/// was not started by cargo.
pub async fn build(plays: &[&Play], cast: &mut Cast) -> Result<()> {
    let Some(cargo) = env::var_os("CARGO") else { return Ok(()) };
    // The tour is TARGET/PROFILE/tour, except that the profile `dev` is in TARGET/debug.
    let tour = env::current_exe()?;
    let mut folders = tour.ancestors().skip(1);
    let folder = folders.next().context("the tour is in no folder")?;
    let target = folders.next().context("the tour is in no target folder")?;
    let profile = folder.file_name().filter(|&name| name != "debug").unwrap_or("dev".as_ref());

    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--profile"]).arg(profile);
    command.arg("--manifest-path").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
    command.arg("--target-dir").arg(target);
    for binary in plays.iter().flat_map(|play| play.binaries()) {
        command.args(["--bin", binary]);
    }
    let build = cast.start(&mut command).context("cannot run cargo to build the lessons")?;
    let status = match timeout(PATIENCE, build.wait()).await {
        Ok(status) => status?,
        Err(_elapsed) => {
            let _ = writeln!(io::stderr(), "{}", told!("Building the lessons…"));
            build.wait().await?
        }
    };
    ensure!(status.success(), "the lessons could not be built ({status})");
    Ok(())
}
