//! What is printed of a stranger's text.

use websocket_streaming::visible;

#[test]
fn ordinary_text_is_printed_to_the_letter() {
    for text in ["", "Hello", "你好 世界", "naïve — “quoted” \\ 'x'", "👩‍👩‍👧 ‏שלום‎", "\u{feff}"]
    {
        assert_eq!(visible(text), text);
    }
}

#[test]
fn control_characters_are_shown_and_not_obeyed() {
    for (text, shown) in [
        ("\x1b]0;title\x07", "\\u{1b}]0;title\\u{7}"),
        ("one\nListening on ws://evil", "one\\nListening on ws://evil"),
        ("a\rb\tc\0", "a\\rb\\tc\\0"),
        ("\u{7f}\u{9b}2J", "\\u{7f}\\u{9b}2J"),
        ("abc\u{202e}txt.exe", "abc\\u{202e}txt.exe"),
        ("one\u{2028}two", "one\\u{2028}two"),
    ] {
        assert_eq!(visible(text), shown);
    }
}
