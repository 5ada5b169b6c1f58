//! Two real servers, the real broker, and the real nginx in front of them, in real time; and what the
//! real systemd says of the unit.
//!
//! Where nats-server, nginx or systemd is missing, what needs it is *ignored*, by name. For maintainers it
//! fails: nothing of theirs may be left out in silence.

mod broker;
mod drill;
mod faults;
mod folder;
mod proxy;
mod servers;
mod unit;

use std::process::{Command, Stdio};

use libtest_mimic::{Arguments, Failed, Trial};
use support::deadline::DEADLINE;
use tokio::{runtime::Builder, task::LocalSet, time::timeout};

const NATS: &str = "nats-server";
const NGINX: &str = "nginx";
const SYSTEMD: &str = "systemd-analyze";

/// Declares the tests: in which file, what they need, and what they are called.
macro_rules! trials {
    ($($tools:expr => $file:ident { $($name:ident,)* })*) => {
        vec![$($(trial(stringify!($name), &$tools, || run($file::$name())),)*)*]
    };
}

fn main() {
    let mut trials = trials! {
        [] => faults {
            a_server_without_its_broker_says_how_to_start_one,
        }
        [NATS] => faults {
            a_line_that_one_server_keeps_is_read_at_both_under_one_number,
            the_same_id_has_the_same_number_at_every_server,
            a_line_whose_answer_is_lost_with_its_server_is_kept_once,
            a_reader_that_is_ahead_of_its_server_waits_for_it,
            a_server_that_starts_late_knows_the_lines_that_were_before,
            while_the_broker_is_away_readers_stay_and_writers_are_not_acknowledged,
            a_stream_that_is_made_anew_ends_subscriptions_with_1012,
            a_line_that_is_deleted_in_the_stream_is_a_gap,
            a_line_that_the_stream_will_never_take_is_refused_for_good,
        }
        [NATS, NGINX] => drill {
            a_server_is_killed_and_every_reader_has_every_line_once,
            a_server_says_goodbye_and_every_reader_has_every_line_once,
            the_broker_is_killed_and_every_reader_has_every_line_once,
        }
        [SYSTEMD] => unit {
            systemd_knows_every_setting_of_the_unit,
            the_unit_may_do_as_little_as_the_manual_says,
        }
    };
    #[cfg(feature = "maintainer")]
    trials.extend(trials! {
        [NATS] => faults {
            a_stream_that_is_made_anew_behind_our_back_is_found_out,
            a_broker_that_hangs_is_noticed_and_its_return_too,
            a_subscription_that_the_broker_has_lost_is_made_anew,
        }
    });
    // Each has a cluster of its own, and some of them measure.
    let arguments = Arguments { test_threads: Some(4), ..Arguments::from_args() };
    trials.sort_by(|a, b| a.name().cmp(b.name()));
    libtest_mimic::run(&arguments, trials).exit();
}

fn trial(
    name: &str,
    tools: &[&'static str],
    test: impl FnOnce() -> Result<(), Failed> + Send + 'static,
) -> Trial {
    let missing: Vec<_> = tools.iter().filter(|tool| !is_there(tool)).copied().collect();
    let must_run = cfg!(feature = "maintainer");
    let ignored = !missing.is_empty() && !must_run;
    let kind = tools.join(" and ");
    let checked = move || match missing.is_empty() {
        true => test(),
        false => Err(format!("not installed: {}", missing.join(", ")).into()),
    };
    let kind = if kind.is_empty() { kind } else { format!("needs {kind}") };
    Trial::test(name, checked).with_kind(kind).with_ignored_flag(ignored)
}

fn is_there(tool: &str) -> bool {
    let mut version = Command::new(folder::tool(tool));
    match tool {
        // Those before version 250 do not know the first.
        SYSTEMD => version.args(["--offline=true", "--version"]),
        _ => version.arg("-v"),
    };
    version.stdout(Stdio::null()).stderr(Stdio::null());
    version.status().is_ok_and(|status| status.success())
}

/// One thread for all clients of a test: what they do is wait.
fn run(test: impl Future<Output = ()>) -> Result<(), Failed> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let test = async { timeout(3 * DEADLINE, test).await };
    let outcome = runtime.block_on(LocalSet::new().run_until(test));
    outcome.map_err(|_elapsed| Failed::from("it takes longer than the deadline"))
}
