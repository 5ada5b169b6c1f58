//! What the judge does with code that does not even come to an end.

use std::{process, time::Instant};

use anyhow::Result;
use support::judge::{Subject, check, child, panics, served};
use websocket_streaming::WebSocket;

use crate::{exercise, wrong::any_exercise::prints_for_ever};

/// The child of the tests below; by itself it does nothing.
#[test]
fn the_child() {
    let Some(name) = child::asked() else { return };
    panics::catch();
    let subject: Subject = match name.as_str() {
        "exits" => served(exits),
        "overflows" => served(overflows),
        "prints" => served(prints_for_ever),
        other => panic!("what is {other}?"),
    };
    child::answer(&check(&exercise("numbered_replies"), &subject));
}

fn told(name: &str) -> String {
    let arguments = ["--exact", "judge_itself::the_child", "--nocapture"];
    child::ask(name, "the file", &arguments).expect_err("it is wrong")
}

async fn exits(_: &mut WebSocket) -> Result<()> {
    process::exit(0)
}

async fn overflows(_: &mut WebSocket) -> Result<()> {
    #[expect(unconditional_recursion, reason = "that is the mistake")]
    fn deeper(depth: &[u8; 1000]) -> u8 {
        let more = [depth[0].wrapping_add(1); 1000];
        deeper(&more).wrapping_add(more[999])
    }
    deeper(&[0; 1000]);
    Ok(())
}

#[test]
fn code_that_ends_the_process_does_not_end_the_judge() {
    let message = told("exits");
    assert!(
        message.contains("Your code ended the whole program, as if all were well"),
        "{message}"
    );
}

#[test]
fn code_that_overflows_its_stack_does_not_end_the_judge() {
    let message = told("overflows");
    assert!(message.contains("Your code overflowed its stack"), "{message}");
}

#[test]
fn code_that_prints_without_end_does_not_bury_its_verdict() {
    let start = Instant::now();
    let message = told("prints");
    assert!(message.contains("Your code kept its thread for 5 s"), "{message}");
    assert!(message.contains("Your code printed (the beginning):\n"), "{message}");
    assert!(message.len() < 3000, "{} bytes", message.len());
    assert!(start.elapsed().as_secs() < 20);
}
