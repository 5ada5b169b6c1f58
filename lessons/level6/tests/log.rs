//! The log by itself: whatever happens in whatever order, no line is lost in silence, none comes
//! twice.

#[path = "support/random.rs"]
mod random;

use std::{collections::VecDeque, sync::Arc, thread, time::Duration};

use level6::{Event, Log, MAX_BYTES, MAX_LINES, Reader, Subscribe};
use random::Random;
use support::deadline::{never, soon};

const NAME: &str = "a";

fn after(number: u64) -> Subscribe {
    Subscribe { log: Some(NAME.into()), after: Some(number), tail: None }
}

fn tail(count: u64) -> Subscribe {
    Subscribe { tail: Some(count), ..Subscribe::default() }
}

fn reader(log: &Arc<Log>, wish: &Subscribe) -> Reader {
    log.reader(wish).expect("there is such a place").1
}

fn take(reader: &mut Reader) -> Option<Event> {
    reader.take().map(|json| serde_json::from_str(&json).expect("an event"))
}

/// All that a reader can take now, as the numbers of its lines; a gap as two numbers.
fn numbers(reader: &mut Reader) -> Vec<String> {
    let event = |event| match event {
        Event::Line { seq, .. } => seq.to_string(),
        Event::Gap { from, to } => format!("gap {from}-{to}"),
        other => format!("{other:?}"),
    };
    std::iter::from_fn(|| take(reader)).map(event).collect()
}

/// What a log ought to keep, worked out anew for every question.
struct Model {
    /// The size of each line that ever was.
    sizes: Vec<usize>,
    lines: usize,
    bytes: usize,
}

impl Model {
    fn last(&self) -> u64 {
        self.sizes.len() as u64
    }

    /// The oldest line that fits in with all that are newer.
    fn first(&self) -> u64 {
        let mut bytes = 0;
        let fits = |(count, size): &(usize, &usize)| {
            bytes += **size;
            *count == 0 || (*count < self.lines && bytes <= self.bytes)
        };
        let kept = self.sizes.iter().rev().enumerate().take_while(fits).count();
        self.last() - kept as u64 + 1
    }
}

/// Appends and reads in any order, readers that rest and fall behind, readers that go and come
/// back: each event is the line that is due, or a gap of just those that are not kept any more.
#[test]
fn each_line_comes_once_and_in_order_or_a_gap_names_exactly_what_is_missing() {
    let seeds = if cfg!(feature = "maintainer") { 2000 } else { 80 };
    for seed in 0..seeds {
        let mut random = Random(seed);
        let (lines, bytes) = (1 + random.below(20) as usize, 60 + random.below(3000) as usize);
        let log = Log::with_capacity(NAME, lines, bytes);
        let mut model = Model { sizes: Vec::new(), lines, bytes };
        // A reader, and the line that is due.
        let mut readers: Vec<_> = (0..4).map(|_| (reader(&log, &after(0)), 1)).collect();
        let mut watcher = reader(&log, &after(0));
        for _ in 0..300 {
            match random.below(4) {
                0 | 1 => {
                    for _ in 0..=random.below(6) {
                        log.append("x".repeat(random.below(200) as usize), false);
                        // One that is never behind, and so sees every line's size.
                        model.sizes.push(watcher.take().expect("the new line").len());
                    }
                }
                2 => {
                    let (reader, due) = &mut readers[random.below(4) as usize];
                    for _ in 0..random.below(12) {
                        check_next(&model, reader, due);
                    }
                }
                _ => {
                    let (old, due) = &mut readers[random.below(4) as usize];
                    *old = reader(&log, &after(*due - 1));
                }
            }
        }
        log.end(Some(0));
        log.append("too late".into(), false);
        for (reader, due) in &mut readers {
            while *due <= model.last() {
                check_next(&model, reader, due);
            }
            assert_eq!(take(reader), Some(Event::End { status: Some(0) }), "seed {seed}");
            assert_eq!(take(reader), None, "seed {seed}: the end comes once");
            assert!(reader.is_done());
        }
    }
}

fn check_next(model: &Model, reader: &mut Reader, due: &mut u64) {
    let event = take(reader);
    if *due > model.last() {
        assert_eq!(event, None);
    } else if *due < model.first() {
        assert_eq!(event, Some(Event::Gap { from: *due, to: model.first() - 1 }));
        *due = model.first();
    } else {
        assert!(matches!(event, Some(Event::Line { seq, .. }) if seq == *due), "{due}: {event:?}");
        *due += 1;
    }
}

#[test]
fn threads_that_read_while_another_writes_miss_nothing_in_silence() {
    let log = Log::with_capacity(NAME, 50, MAX_BYTES);
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let mut reader = reader(&log, &after(0));
            thread::spawn(move || {
                let mut due = 1;
                while !reader.is_done() {
                    match take(&mut reader) {
                        Some(Event::Line { seq, .. }) => {
                            assert_eq!(seq, due);
                            due += 1;
                        }
                        Some(Event::Gap { from, to }) => {
                            assert!(from == due && to >= from, "{due}: {from}-{to}");
                            due = to + 1;
                        }
                        _ => {}
                    }
                }
                due
            })
        })
        .collect();
    for _ in 0..20_000 {
        log.append("x".into(), false);
    }
    log.end(None);
    for thread in threads {
        assert_eq!(thread.join().expect("no panic"), 20_001);
    }
}

#[test]
fn it_keeps_ten_thousand_lines_and_eight_mib_whichever_is_less() {
    let log = Log::new(NAME);
    for _ in 0..MAX_LINES + 5 {
        log.append(String::new(), false);
    }
    let mut slow = reader(&log, &after(2));
    assert_eq!(take(&mut slow), Some(Event::Gap { from: 3, to: 5 }));

    let log = Log::new(NAME);
    let line = "x".repeat(64 * 1024);
    for _ in 0..200 {
        log.append(line.clone(), false);
    }
    let mut slow = reader(&log, &after(0));
    let Some(Event::Gap { from: 1, to }) = take(&mut slow) else { panic!("a gap is due") };
    let kept: VecDeque<_> = std::iter::from_fn(|| slow.take()).collect();
    assert_eq!(kept.len() as u64, 200 - to);
    let bytes: usize = kept.iter().map(|line| line.len()).sum();
    assert!(bytes <= MAX_BYTES && bytes + line.len() + 100 > MAX_BYTES, "{bytes}");
}

#[test]
fn the_newest_line_is_kept_however_long() {
    let log = Log::with_capacity(NAME, 10, 100);
    let mut reader = reader(&log, &after(0));
    log.append("short".into(), false);
    log.append("x".repeat(1000), false);
    assert_eq!(numbers(&mut reader), ["gap 1-1", "2"]);
}

#[test]
fn a_reader_begins_where_it_wishes() {
    let log = Log::with_capacity(NAME, 5, MAX_BYTES);
    assert_eq!(numbers(&mut reader(&log, &tail(3))), [""; 0]);
    for _ in 0..8 {
        log.append(String::new(), false);
    }
    for (wish, due) in [
        (tail(0), &[][..]),
        (tail(2), &["7", "8"]),
        (tail(5), &["4", "5", "6", "7", "8"]),
        (tail(u64::MAX), &["4", "5", "6", "7", "8"]),
        (Subscribe::default(), &["4", "5", "6", "7", "8"]),
        (after(8), &[]),
        (after(6), &["7", "8"]),
        (after(3), &["4", "5", "6", "7", "8"]),
        (after(2), &["gap 3-3", "4", "5", "6", "7", "8"]),
        (after(0), &["gap 1-3", "4", "5", "6", "7", "8"]),
        // The numbers of another log say nothing: it is told all that there is.
        (
            Subscribe { log: Some("b".into()), after: Some(99), tail: None },
            &["gap 1-3", "4", "5", "6", "7", "8"],
        ),
    ] {
        assert_eq!(numbers(&mut reader(&log, &wish)), due, "{wish:?}");
    }
    let longer = Log::with_capacity(NAME, 100, MAX_BYTES);
    for _ in 0..30 {
        longer.append(String::new(), false);
    }
    let newest_ten: Vec<_> = (21..=30).map(|number| number.to_string()).collect();
    assert_eq!(numbers(&mut reader(&longer, &Subscribe::default())), newest_ten);
    for wish in [after(9), after(u64::MAX), Subscribe { after: Some(1), ..Subscribe::default() }] {
        assert!(log.reader(&wish).is_err(), "{wish:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_waits_is_woken_by_a_line_and_by_the_end() {
    let log = Log::new(NAME);
    let mut reader = reader(&log, &after(0));
    never(Duration::from_secs(3600), reader.more()).await;
    log.append("a line".into(), false);
    soon(reader.more()).await;
    assert_eq!(numbers(&mut reader), ["1"]);
    never(Duration::from_secs(3600), reader.more()).await;
    // What comes between the last look and the wait wakes as well.
    log.end(None);
    soon(reader.more()).await;
    assert_eq!(take(&mut reader), Some(Event::End { status: None }));
}

#[test]
fn it_knows_how_many_read() {
    let log = Log::new(NAME);
    let readers: Vec<_> = (0..3).map(|_| reader(&log, &after(0))).collect();
    log.append("with three".into(), false);
    drop(readers);
    log.append("with none".into(), false);
    let mut late = reader(&log, &after(0));
    let counts = std::iter::from_fn(|| take(&mut late)).map(|event| match event {
        Event::Line { readers, .. } => readers,
        other => panic!("{other:?}"),
    });
    assert_eq!(counts.collect::<Vec<_>>(), [3, 0]);
}

#[test]
fn what_a_copy_skips_is_a_gap_for_those_who_have_not_read_it() {
    let log = Log::copy_from(NAME, 5);
    let mut reader = reader(&log, &after(4));
    log.append("five".into(), false);
    log.skip_to(9);
    // It is there already.
    log.skip_to(7);
    log.append("nine".into(), false);
    assert_eq!(numbers(&mut reader), ["gap 5-8", "9"]);
    assert_eq!(log.last(), 9);
}
