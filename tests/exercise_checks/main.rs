//! Checks the checks of the exercises: starters are pending, solutions pass, and mistakes that
//! people really make fail, each for its own reason.
//!
//! This concerns those who maintain the course. It runs where that is done,
//!
//!     cargo test --features maintainer
//!
//! and not in a learner's `cargo test`: there a starter may well be solved.

#[path = "../../lessons/exercises.rs"]
mod table;
mod wrong;

use std::{
    sync::Once,
    thread,
    time::{Duration, Instant},
};

use support::{
    judge::{
        Exercise, Subject,
        check::{self, check},
        due, served,
    },
    subject,
};
use table::{exercises, solutions};

fn exercise(name: &str) -> Exercise {
    let found = exercises().into_iter().find(|exercise| exercise.name.ends_with(name));
    found.unwrap_or_else(|| panic!("there is no exercise {name}"))
}

fn message(name: &str, subject: &Subject) -> String {
    static HOOK: Once = Once::new();
    HOOK.call_once(check::catch_panics);
    check(&exercise(name), subject).err().unwrap_or_default()
}

/// Checks that code fails with a message that has `reason` in it, the file, and both transcripts.
#[track_caller]
fn assert_fails(name: &str, reason: &str, subject: Subject) {
    let message = message(name, &subject);
    assert!(!message.is_empty(), "passes, but should fail with: {reason}");
    for part in [exercise(name).file, "due", "yours", reason] {
        assert!(message.contains(part), "{part:?} is not in this message:\n{message}");
    }
    if std::env::var_os("SHOW").is_some() {
        println!("{message}\n");
    }
}

#[test]
fn every_starter_is_pending() {
    for exercise in exercises() {
        assert!(due::is_pending(exercise.source), "{} has no todo!", exercise.file);
    }
    let tour = include_str!("../../tour/progress.rs");
    assert!(tour.contains(&format!("FIRST_EXERCISE: &str = {:?};", exercises()[0].file)));
}

#[test]
fn every_header_names_its_binary_its_check_and_how_to_start_over() {
    for Exercise { name, file, source, .. } in exercises() {
        let (level, short) = name.split_once("::").expect("a level and a name");
        let parts = [
            format!("cargo run --bin {level}_exercises_{short}\n"),
            format!("cargo test {short} "),
            "//! Hint: ".into(),
            format!("//! Start over: git restore {file}\n"),
        ];
        for part in parts {
            assert!(source.contains(&part) || source.contains(part.trim_end()), "{file}: {part}");
        }
    }
}

#[test]
fn every_solution_passes() {
    let solutions = solutions();
    assert_eq!(solutions.len(), exercises().len());
    for (name, solution) in solutions {
        let message = message(name, &solution);
        assert!(message.is_empty(), "{message}");
    }
}

#[test]
fn a_todo_in_a_comment_is_no_gap() {
    assert!(due::is_pending("fn f() { todo!(\"…\") }"));
    assert!(due::is_pending("// done\nfn f() { /* now */ todo!() } // yes"));
    assert!(!due::is_pending("fn f() {} // todo!(\"…\")\n/* todo!() */"));
}

#[test]
fn a_damaged_header_is_called_so() {
    let good = exercise("typewriter");
    let damages = [
        (good.source.replace(" ms  server  \"眠\"", " ms server \"眠\""), "line 13 cannot be read"),
        (
            good.source.replace("200 ms  server  \"眠\"", "9200 ms  server  \"眠\""),
            "line 14 is earlier",
        ),
        (good.source.replace(" ms  ", "  "), "there is none"),
    ];
    for (source, what) in damages {
        let damaged = Exercise { source: source.leak(), ..good.clone() };
        let message = check(&damaged, &damaged.subject).expect_err("it is damaged");
        assert!(message.contains(what), "{message}");
        assert!(message.contains(&format!("git restore {}", good.file)), "{message}");
    }
}

macro_rules! mistakes {
    ($exercise:ident, $wrap:ident: $($mistake:ident => $reason:literal,)*) => {
        #[test]
        fn $exercise() {
            $(
                let subject = subject!($wrap, wrong::$exercise::$mistake);
                assert_fails(stringify!($exercise), $reason, subject);
            )*
        }
    };
}

mistakes! { echo_everything, bare:
    ignores_binary => "Nothing came in time; due was: server binary 01 02 03",
    ignores_empty_texts => "Nothing came in time; due was: server \"Echo: \" at 100 ms",
    takes_everything_for_text => "This is too much: \"Echo: alive?\" was not due",
    echoes_binary_as_text => "came, where binary 01 02 03 was due",
    leaves_the_loop_on_close => "The answer to a close is only queued",
    panics_on_what_it_does_not_know => "panicked at tests/exercise_checks/wrong/echo_everything.rs",
}

mistakes! { say_goodbye, bare:
    drops_the_socket_without_a_close => "A socket that is dropped says nothing",
    does_not_wait_for_the_answer => "before the other side's Close frame had come",
    closes_without_a_code => "The wrong ending: your server sent close; due was: close 1000",
    closes_before_the_last_words => "Your function returned an error: ",
    leaves_the_closing_to_the_client => "did not close the connection",
    goes_on_after_the_close => "your function had not returned, and the connection was still open",
    leaves_the_loop_on_close => "The answer to a close is only queued",
}

mistakes! { numbered_replies, served:
    waits_for_the_client_to_speak_first => "server \"Welcome!\" came at 100 ms; due was 0 ms",
    numbers_from_zero => "\"0: Hello\" came, where \"1: Hello\" was due",
    counts_for_all_clients_together => "transcript 2 of 2",
    replies_to_the_first_only => "Too early an end: your server sent close 1000",
    sends_binary => "The right text, but in a binary message",
    sends_the_number_by_itself => "The right text, but in 2 messages where one was due",
}

mistakes! { three_questions, client:
    asks_all_at_once => "client \"Where are you?\" at 0 ms was not due",
    takes_whatever_comes_for_an_answer => "\"What time is it?\" came before pong",
    returns_the_last_answer_alone => "your client returns \"noon\"",
    leaves_without_a_close => "A socket that is dropped says nothing",
    closes_without_a_code => "The wrong ending: your client sent close; due was: close 1000",
    does_not_wait_for_the_servers_goodbye => "before the other side's Close frame had come",
    returns_the_answers_of_the_header => "due was: returns \"Bob, , late\"",
    leaves_out_empty_answers => "your client returns \"Bob, late\"",
    is_content_with_fewer_answers => "your client returns \"Eve\"; due was: returns an error",
    is_content_when_the_server_vanishes => "your client returns \"\"; due was: returns an error",
}

mistakes! { typewriter, served:
    sends_the_poem_in_one_piece => "The right text, but in one message where 12 were due",
    takes_bytes_for_characters => "is not a char boundary",
    has_no_beat => "The right line, but 200 ms too early.",
    blocks_between_the_characters => "`std::thread::sleep`",
    waits_before_the_first => "Too late: server \"春\" came at 200 ms; due was 0 ms",
    skips_what_comes_twice => "\"处\" was due",
    never_closes => "Nothing came after 1,500 ms; due was: server close 1000 at 2400 ms",
}

mistakes! { nothing_lost, served:
    is_not_repaired => "came at 1400 ms; due was 1000 ms",
    begins_its_second_anew_with_each_message => "came at 1400 ms; due was 1000 ms",
    ticks_when_nothing_has_come_for_a_second => "came at 1400 ms; due was 1000 ms",
    still_forgets_the_title => "before it \"Ideas: learn Rust\" was due",
    does_not_tick_between_title_and_text => "\"Tick 2\" came at 2300 ms; due was 2000 ms",
    keeps_the_title_for_the_next_note => "server \"Shopping: Ideas\" at 1700 ms was not due",
    ticks_at_once => "server \"Tick 1\" at 0 ms was not due",
    drops_what_comes_during_a_pause => "before it \"Shopping: tea and bread\" was due",
    keeps_the_title_for_the_next_client => "\"Secrets: Today\" was not due",
    calls_half_a_note_an_error => "the connection ended in peace: that is no error",
    returns_the_notes_of_the_header => "where \"Today: rest\" was due",
}

mistakes! { unblock, served:
    is_not_repaired => "ms of real time, and meanwhile nothing else could run",
    blocks_on_a_future => "Cannot start a runtime from within a runtime",
    forgets_the_await => "300 ms too early.",
    waits_for_a_thread => "ms of real time, and meanwhile nothing else could run",
    takes_a_thread_of_its_own => "It waited on another thread",
}

mistakes! { flush, served:
    is_not_repaired => "such as a missing `flush`",
    flushes_once_at_the_end => "such as a missing `flush`",
    flushes_before_the_message => "came at 500 ms; due was 0 ms",
    forgets_the_await => "Too early an end: your server sent close 1000",
    flushes_a_moment_later => "came at 10 ms; due was 0 ms",
}

mistakes! { finished_or_cut_off, client:
    is_not_repaired => "your client returns \"one, \"; due was: returns an error",
    is_content_with_any_close => "transcript 2 of 3",
    is_content_when_the_server_vanishes => "transcript 3 of 3",
    takes_every_close_for_a_failure => "your client returns an error; due was: returns \"one, two\"",
    returns_without_its_half_of_the_goodbye => "dropped without a Close frame",
    returns_the_last_chunk_alone => "your client returns \"two\"; due was: returns \"one, two\"",
    does_not_stop_at_the_end => "kept its thread for 5 s",
}

mistakes! { stop_when_left, served:
    is_not_changed => "server pong \"alive?\" came at 1000 ms; due was 250 ms",
    loses_a_sentence_that_comes_meanwhile => "due was: server \"一个 \" at 1500 ms",
    begins_to_wait_anew_with_each_message => "came at 1200 ms; due was 1000 ms",
    works_on_for_nobody => "transcript 2 of 3",
    works_on_when_the_client_vanishes => "500 ms after the other side had vanished, your function was still running",
}

mistakes! { two_voices, served:
    is_not_changed => "before it pong",
    takes_a_word_of_each_in_turn => "server \"de hallo\" came at 500 ms; due was 300 ms",
    begins_both_waits_anew => "before it \"zh 你好\" was due",
    ends_with_the_first_that_ends => "Too early an end: your server sent close 1000; due was: \"zh 世界\"",
    says_the_ends_when_both_are_done => "server \"de\" came at 1000 ms; due was 600 ms",
    is_deaf_while_it_speaks => "before it pong",
    keeps_a_sender => "due was: server close 1000 at 1000 ms",
    waits_for_the_client_when_both_are_done => "due was: server close 1000 at 1000 ms",
    takes_another_text_for_the_end => "server sent close 1000; due was: \"zh 这\"",
    works_on_for_nobody => "500 ms after the other side had vanished, your function was still running",
    returns_the_words_of_the_header => "where \"de dies\" was due",
}

mistakes! { two_at_once, served:
    is_not_changed => "server \"2 这\" came at 2000 ms; due was 700 ms",
    takes_turns_by_one_clock => "The right line, but 200 ms too early.",
    loses_the_ids => "\"你好\" came, where \"1 你好\" was due",
    ends_with_an_empty_message => "\"\" came, where \"1\" was due",
    collects_all_before_it_speaks => "came at 1000 ms; due was 500 ms",
}

#[test]
fn whatever_the_code_does_it_is_told_so_at_once() {
    use wrong::any_exercise::*;

    let name = "numbered_replies";
    let start = Instant::now();
    assert_fails(name, "called `Result::unwrap()` on an `Err` value", served(panics));
    assert_fails(name, "returned an error: the dog ate it", served(returns_an_error));
    assert_fails(name, "Too early an end: your server sent close 1000", served(says_nothing));
    assert_fails(name, "Too early an end: your server sent close 1000", served(closes_at_once));
    assert_fails(name, "More and more came", served(floods));
    let silence = "Nothing came after 1,500 ms; due was: server \"Welcome!\" at 0 ms";
    assert_fails(name, silence, served(hangs));
    // It takes some milliseconds, unless the machine is busy with other things.
    assert!(start.elapsed() < Duration::from_secs(3));
}

#[test]
fn code_that_never_waits_is_told_so_within_ten_seconds() {
    use wrong::any_exercise::*;

    let start = Instant::now();
    thread::scope(|scope| {
        for (reason, subject) in [
            ("kept its thread for 5 s", served(spins)),
            ("kept its thread for 5 s", served(blocks_its_thread)),
            ("still busy after 5 s", served(yields_for_ever)),
        ] {
            scope.spawn(move || assert_fails("numbered_replies", reason, subject));
        }
    });
    assert!(start.elapsed() < Duration::from_secs(10));
}
