//! What the tests of all levels have in common.
//!
//! Virtual time goes with connections in memory, real time with real processes and real sockets,
//! never one with the other.
//!
//! | file | what it holds |
//! |---|---|
//! | `course.rs` | the lessons' programs: which there are, and who speaks with whom |
//! | `process.rs` | a program as a real process |
//! | `client.rs`, `connection.rs` | a polite client; new connections in memory and over TCP |
//! | `raw_frame.rs` | frames byte by byte, forbidden ones too |
//! | `transcript.rs` | who sent what and when, in virtual time |
//! | `snapshot.rs` | comparing with the outputs that the book shows |
//! | `deadline.rs` | how long tests wait |
//! | `judge` | the judge of the exercises |

#[macro_use]
#[path = "../../../tour/language.rs"]
pub mod language;

pub mod client;
pub mod connection;
pub mod course;
pub mod deadline;
pub mod judge;
pub mod process;
pub mod raw_frame;
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
