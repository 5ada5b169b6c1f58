//! Level 3, the pitfalls: the wrong way goes wrong and the right way goes right, in real time.

use std::time::{Duration, Instant};

use support::{
    assert_snapshot,
    process::{self, Finished},
};

/// The pitfalls, and for how many milliseconds each waits in all.
const PITFALLS: [(&str, u64); 6] = [
    ("forgotten-await", 1000),
    ("blocking-call", 2000),
    ("block-on", 200),
    ("feed-without-flush", 1000),
    ("leaving-without-close", 0),
    ("no-end-marker", 2200),
];

/// Runs the binary, which is killed at `process::DEADLINE`.
#[tokio::main(flavor = "current_thread")]
async fn run(arguments: &[&str]) -> Finished {
    process::run("level3_pitfalls", arguments, "").await
}

fn stdout(finished: Finished) -> String {
    assert!(finished.status.success(), "{finished:?}");
    finished.stdout
}

/// Takes a line of a timeline apart: `     500 ms  client  receives "done"`.
fn event(line: &str) -> Option<(u64, &str)> {
    let (ms, event) = line.split_once(" ms  ")?;
    Some((ms.trim_start().parse().ok()?, event))
}

/// What one pitfall prints, which is what the book shows.
fn played(pitfall: &str) -> String {
    let (_, ms) = PITFALLS.into_iter().find(|(name, _)| *name == pitfall).expect("one of the six");
    let printed = in_time(&[pitfall], ms);
    assert_shown_by_the_book(pitfall, &printed);
    printed
}

/// Its clients give up after 1 s of silence, and what does come comes within 0.2 s. So one gives
/// up too early only if the machine stands still for 0.8 s. Then the run takes as much longer, and
/// is tried again.
fn in_time(arguments: &[&str], ms: u64) -> String {
    for _ in 0..2 {
        let start = Instant::now();
        let printed = stdout(run(arguments));
        if start.elapsed() < Duration::from_millis(ms + 800) {
            return printed;
        }
    }
    stdout(run(arguments))
}

fn assert_shown_by_the_book(pitfall: &str, printed: &str) {
    let lines = printed.trim_end().lines().map(|line| match event(line) {
        // Real time is never twice the same. The tests of each pitfall look at it.
        Some((_ms, event)) => format!("       # ms  {event}\n"),
        None => format!("{line}\n"),
    });
    let name = format!("pitfalls_{}", pitfall.replace('-', "_"));
    assert_snapshot(&name, &lines.collect::<String>());
}

/// One timeline of a pitfall: the milliseconds and the event of each line.
fn timeline<'a>(printed: &'a str, way: &str) -> Vec<(u64, &'a str)> {
    let lines = printed.lines().skip_while(|line| !line.starts_with(&format!("  {way}: ")));
    lines.skip(1).map_while(event).collect()
}

/// When something happened, if it did.
fn time_of(event: &str, timeline: &[(u64, &str)]) -> Option<u64> {
    timeline.iter().find(|(_ms, text)| text.contains(event)).map(|&(ms, _text)| ms)
}

#[cfg_attr(not(feature = "maintainer"), ignore = "takes 6 s")]
#[test]
fn without_a_name_all_six_are_played_in_order() {
    let printed = in_time(&[], PITFALLS.iter().map(|(_, ms)| ms).sum());
    let pitfalls: Vec<&str> = printed.trim_end().split("\n\n").collect();
    assert_eq!(pitfalls.len(), PITFALLS.len(), "{printed}");
    for ((name, _), pitfall) in PITFALLS.iter().zip(pitfalls) {
        assert_shown_by_the_book(name, pitfall);
    }
}

#[test]
fn forgotten_await_sends_nothing_and_await_sends() {
    let printed = played("forgotten-await");
    let wrong = timeline(&printed, "wrong");
    assert_eq!(time_of("receives", &wrong), None, "{wrong:?}");
    assert!(time_of("heard nothing", &wrong) >= Some(950), "{wrong:?}");

    let right = timeline(&printed, "right");
    assert!(time_of("client  receives \"Hello\"", &right).is_some(), "{right:?}");
    assert_eq!(time_of("heard nothing", &right), None, "{right:?}");
}

#[test]
fn blocking_call_serves_three_clients_one_by_one_and_async_sleep_all_together() {
    let printed = played("blocking-call");
    let served = |way| {
        let timeline = timeline(&printed, way);
        let times = [1, 2, 3].map(|n| time_of(&format!("{n} of 3 served"), &timeline));
        times.map(|time| time.unwrap_or_else(|| panic!("all three are served: {timeline:?}")))
    };
    // Each handler sleeps for 500 ms. A sleep may take longer, but never shorter.
    let wrong = served("wrong");
    assert!(wrong[0] >= 490 && wrong[1] >= 990 && wrong[2] >= 1490, "{wrong:?}");

    let right = served("right");
    assert!(right[0] >= 490 && right[2] < right[0] + 450, "{right:?}");
}

#[test]
fn block_on_panics_and_closes_with_1011_and_await_answers() {
    let printed = played("block-on");
    let wrong = timeline(&printed, "wrong");
    let panic = "server  panics: Cannot start a runtime from within a runtime";
    assert!(time_of(panic, &wrong).is_some(), "{wrong:?}");
    assert!(time_of("client  receives close 1011", &wrong).is_some(), "{wrong:?}");
    assert_eq!(time_of("client  receives \"", &wrong), None, "{wrong:?}");

    let right = timeline(&printed, "right");
    assert_eq!(time_of("panics", &right), None, "{right:?}");
    assert!(time_of("client  receives \"42\"", &right) >= Some(150), "{right:?}");
    assert!(time_of("client  receives close 1000", &right).is_some(), "{right:?}");
}

#[test]
fn feed_without_flush_sends_nothing_and_flush_sends_it_all() {
    let printed = played("feed-without-flush");
    let wrong = timeline(&printed, "wrong");
    assert!(time_of("server  feeds \"three\"", &wrong).is_some(), "{wrong:?}");
    assert_eq!(time_of("receives", &wrong), None, "{wrong:?}");
    assert!(time_of("heard nothing", &wrong) >= Some(950), "{wrong:?}");

    let right = timeline(&printed, "right");
    let flush = time_of("server  flushes", &right);
    for word in ["one", "two", "three"] {
        let received = time_of(&format!("client  receives {word:?}"), &right);
        assert!(flush.is_some() && received >= flush, "{right:?}");
    }
    assert_eq!(time_of("heard nothing", &right), None, "{right:?}");
}

#[test]
fn leaving_without_close_looks_like_a_crash_and_a_close_is_heard() {
    let reset = "Connection reset without closing handshake";
    let printed = played("leaving-without-close");
    let wrong = timeline(&printed, "wrong");
    assert!(time_of(reset, &wrong).is_some(), "{wrong:?}");
    assert_eq!(time_of("receives close", &wrong), None, "{wrong:?}");

    let right = timeline(&printed, "right");
    assert!(time_of("client  receives close 1000", &right).is_some(), "{right:?}");
    assert_eq!(time_of(reset, &right), None, "{right:?}");
}

#[test]
fn no_end_marker_keeps_the_client_waiting_and_an_end_marker_tells_it_at_once() {
    let printed = played("no-end-marker");
    let wrong = timeline(&printed, "wrong");
    let last_word = time_of("client  receives \"three\"", &wrong).expect("all words come");
    assert!(time_of("gives up", &wrong) >= Some(last_word + 950), "{wrong:?}");
    assert_eq!(time_of("complete", &wrong), None, "{wrong:?}");

    let right = timeline(&printed, "right");
    let last_word = time_of("client  receives \"three\"", &right).expect("all words come");
    let complete = time_of("complete", &right).expect("the end is known");
    assert!(complete < last_word + 950, "{right:?}");
    assert_eq!(time_of("gives up", &right), None, "{right:?}");
}

#[test]
fn a_pitfall_runs_alone_by_its_number_or_by_its_name() {
    for argument in ["5", "leaving-without-close"] {
        let printed = stdout(run(&[argument]));
        let headings = printed.lines().filter(|line| line.starts_with("Pitfall"));
        assert_eq!(headings.collect::<Vec<_>>(), ["Pitfall 5: leaving-without-close"]);
    }
}

#[test]
fn an_unknown_pitfall_is_refused_with_the_names_of_the_six() {
    let refused = run(&["blocking"]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert_eq!(refused.stdout, "");
    let first_line = refused.stderr.lines().next().unwrap_or_default();
    assert!(first_line.contains("'blocking'"), "{refused:?}");
    for (name, _) in PITFALLS {
        assert!(first_line.contains(name), "{refused:?}");
    }
}

#[test]
fn the_log_of_the_panic_stands_under_the_way_that_panicked() {
    let mut command = process::command("level3_pitfalls", &["block-on"]);
    let terminal = support::build_folder().join("pitfall_terminal.txt");
    let both = std::fs::File::create(&terminal).expect("the build folder can be written to");
    let command = command.as_std_mut();
    command.stdout(both.try_clone().expect("a second handle")).stderr(both);
    assert!(command.status().expect("the binary is built").success());

    let printed = std::fs::read_to_string(&terminal).expect("it was written just now");
    let place = |text| printed.find(text).unwrap_or_else(|| panic!("{text}: {printed}"));
    assert!(place("the handler panicked") < place("  right: "), "{printed}");
}
