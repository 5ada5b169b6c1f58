use anstyle::Style;

use super::{Role, Stage, VoiceId};

/// A stage with a server and a client on it. Returns what it shows while `act` goes on.
fn shown(terminal: bool, act: impl FnOnce(&mut Stage<&mut Vec<u8>>, VoiceId, VoiceId)) -> String {
    let mut out = Vec::new();
    let mut stage = Stage::new(&mut out, terminal);
    let server = stage.enter(&Role { name: "server".into(), style: Style::new() });
    let client = stage.enter(&Role { name: "client".into(), style: Style::new() });
    act(&mut stage, server, client);
    String::from_utf8(out).expect("whole characters")
}

#[test]
fn every_line_begins_with_its_speaker() {
    let shown = shown(false, |stage, server, client| {
        stage.speak(server, b"one\ntwo\n\n").unwrap();
        stage.speak(client, b"three\n").unwrap();
    });
    assert_eq!(shown, "server │ one\nserver │ two\nserver │ \nclient │ three\n");
}

#[test]
fn a_voice_without_a_name_has_no_prefix() {
    let shown = shown(false, |stage, _, _| {
        let alone = stage.enter(&Role { name: "".into(), style: Style::new() });
        stage.speak(alone, b"one\ntwo\n").unwrap();
    });
    assert_eq!(shown, "one\ntwo\n");
}

#[test]
fn a_line_is_shown_while_it_grows() {
    let mut out = Vec::new();
    let mut stage = Stage::new(&mut out, true);
    let client = stage.enter(&Role { name: "client".into(), style: Style::new() });
    stage.speak(client, "春眠不觉晓，".as_bytes()).unwrap();
    assert_eq!(String::from_utf8_lossy(stage.out), "client │ 春眠不觉晓，");
    stage.speak(client, "处处闻啼鸟。".as_bytes()).unwrap();
    assert_eq!(String::from_utf8_lossy(stage.out), "client │ 春眠不觉晓，处处闻啼鸟。");
}

#[test]
fn a_character_may_come_in_pieces_and_between_them_another_may_speak() {
    let text = "é你🦀!\n".as_bytes();
    for cut in 0..=text.len() {
        let shown = shown(false, |stage, server, client| {
            stage.speak(client, &text[..cut]).unwrap();
            stage.speak(server, b"hm\n").unwrap();
            for byte in &text[cut..] {
                stage.speak(client, &[*byte]).unwrap();
            }
        });
        let words: String =
            shown.lines().filter_map(|line| line.strip_prefix("client │ ")).collect();
        assert_eq!(words, "é你🦀!", "cut after {cut} bytes");
        assert_eq!(shown.matches("server │ hm\n").count(), 1, "cut after {cut} bytes");
    }
}

#[test]
fn bytes_that_are_no_text_are_replaced_and_hold_up_nothing() {
    let shown = shown(false, |stage, _, client| stage.speak(client, b"a\xffb\x98\n").unwrap());
    assert_eq!(shown, "client │ a\u{fffd}b\u{fffd}\n");
}

#[test]
fn a_redraw_goes_back_to_the_start_of_the_line_on_a_terminal() {
    let shown = shown(true, |stage, _, client| {
        for bytes in [&b"\ra "[..], b"\ra b ", b"\r", b"a b c ", b"\n"] {
            stage.speak(client, bytes).unwrap();
        }
    });
    assert_eq!(shown, "client │ a \rclient │ a b \rclient │ a b c \n");
}

#[test]
fn a_redraw_begins_a_new_line_in_a_file() {
    let shown = shown(false, |stage, _, client| {
        for bytes in [&b"\ra "[..], b"\ra b ", b"\n"] {
            stage.speak(client, bytes).unwrap();
        }
    });
    assert_eq!(shown, "client │ a \nclient │ a b \n");
}

#[test]
fn the_line_ends_of_windows_are_not_redraws() {
    for terminal in [false, true] {
        let shown = shown(terminal, |stage, _, client| {
            stage.speak(client, b"one\r\ntwo\r").unwrap();
            stage.speak(client, b"\n\r\n").unwrap();
        });
        assert_eq!(shown, "client │ one\nclient │ two\nclient │ \n");
    }
}

#[test]
fn a_line_that_another_breaks_goes_on_below_and_ends_once() {
    let shown = shown(true, |stage, server, client| {
        stage.speak(client, b"one ").unwrap();
        stage.speak(server, b"first\n").unwrap();
        stage.speak(client, b"two ").unwrap();
        stage.speak(server, b"second\n").unwrap();
        stage.speak(client, b"\nthree\n").unwrap();
    });
    assert_eq!(
        shown,
        "client │ one \nserver │ first\nclient │ two \nserver │ second\nclient │ three\n"
    );
}

#[test]
fn a_redraw_after_an_interruption_does_not_touch_the_other_line() {
    let shown = shown(true, |stage, server, client| {
        stage.speak(client, b"\ra ").unwrap();
        stage.speak(server, b"hm\n").unwrap();
        stage.speak(client, b"\ra b ").unwrap();
    });
    assert_eq!(shown, "client │ a \nserver │ hm\nclient │ a b ");
}

#[test]
fn the_tour_itself_speaks_on_a_line_of_its_own() {
    let shown = shown(true, |stage, _, client| {
        stage.speak(client, b"one").unwrap();
        stage.narrate("The end").unwrap();
    });
    assert_eq!(shown, "client │ one\nThe end\n");
}
