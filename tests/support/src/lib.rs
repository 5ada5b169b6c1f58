//! What the tests of all levels have in common.
//!
//! Virtual time goes with connections in memory (`transcript`), real time with real processes
//! and real sockets (`process`), never one with the other.

pub mod judge;
pub mod process;
pub mod snapshot;
pub mod transcript;

use std::{
    env,
    path::{Path, PathBuf},
};

pub use snapshot::assert_snapshot;

/// The folder of the whole project.
pub fn project() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("this package is in tests/support")
}

/// Where cargo has put what it built: TARGET/PROFILE. The test that runs is in its `deps`.
pub fn build_folder() -> PathBuf {
    let test = env::current_exe().expect("a test knows its own path");
    test.ancestors().nth(2).expect("a test is in TARGET/PROFILE/deps").to_path_buf()
}
