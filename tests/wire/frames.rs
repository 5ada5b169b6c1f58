//! Frames, byte by byte (RFC 6455, section 5.2), as tungstenite makes and reads them.

use std::{fmt::Write, str};

use futures_util::StreamExt;
use support::{assert_snapshot, deadline::soon};
use tokio::io::{AsyncWriteExt, duplex};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        protocol::{
            CloseFrame, Role,
            frame::{
                Frame,
                coding::{CloseCode, Data, OpCode},
            },
        },
    },
};

/// The masking key of the RFC's own examples (section 5.7). A real client takes a new random one
/// for each frame.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

#[tokio::test(start_paused = true)]
async fn frames_byte_by_byte() {
    let mut shown = String::new();
    for (what, frame, expected) in [
        ("the server sends the text \"Hello\"", text("Hello"), Message::text("Hello")),
        ("the client sends the text \"Hello\"", masked(text("Hello")), Message::text("Hello")),
        ("the server sends the text \"你好 \"", text("你好 "), Message::text("你好 ")),
        ("the server sends an empty text", text(""), Message::text("")),
        ("the server sends a ping", Frame::ping("alive?"), Message::Ping("alive?".into())),
        (
            "the client answers with a pong",
            masked(Frame::pong("alive?")),
            Message::Pong("alive?".into()),
        ),
        ("the server sends a close", Frame::close(normal()), Message::Close(normal())),
        (
            "the client answers with a close",
            masked(Frame::close(normal())),
            Message::Close(normal()),
        ),
    ] {
        let bytes = bytes(frame);
        assert_eq!(read_by_the_other_side(&bytes).await, expected, "{what}");
        let (header, payload) = parts(&bytes);
        writeln!(shown, "{what}: {} bytes\n{header}{payload}", bytes.len()).expect("it fits");
    }
    for (what, length) in [("126", 126), ("65,536", 65_536)] {
        let bytes = bytes(text(&"x".repeat(length)));
        assert_eq!(read_by_the_other_side(&bytes).await.len(), length, "{what}");
        let (header, _payload) = parts(&bytes);
        writeln!(
            shown,
            "the server sends a text of {what} bytes: {} bytes before the payload\n{header}",
            bytes.len() - length
        )
        .expect("it fits");
    }
    assert_snapshot("wire_frames", &shown);
}

#[test]
fn the_picture_shows_these_bytes() {
    let picture = include_str!("../../book/src/pictures/frame.svg");
    let shown = |class: &str| {
        let mark = format!("class=\"{class}\"");
        let texts = picture.split(&mark).skip(1).filter_map(|rest| rest.split(['>', '<']).nth(1));
        texts.collect::<String>()
    };
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let (server, client) = (bytes(text("Hello")), bytes(masked(text("Hello"))));
    assert_eq!(shown("server-byte"), hex(&server));
    assert_eq!(shown("client-byte"), hex(&client));
    assert_eq!(shown("bit"), format!("{:08b}{:08b}", client[0], client[1]));
}

pub fn text(text: &str) -> Frame {
    Frame::message(text.to_owned(), OpCode::Data(Data::Text), true)
}

fn masked(mut frame: Frame) -> Frame {
    frame.header_mut().mask = Some(MASK);
    frame
}

fn normal() -> Option<CloseFrame> {
    Some(CloseFrame { code: CloseCode::Normal, reason: "".into() })
}

pub fn bytes(frame: Frame) -> Vec<u8> {
    let mut bytes = Vec::new();
    frame.format(&mut bytes).expect("a vector takes all");
    bytes
}

/// What a real socket makes of these bytes. A server accepts only masked frames, a client only
/// unmasked ones.
async fn read_by_the_other_side(bytes: &[u8]) -> Message {
    let role = if is_masked(bytes) { Role::Server } else { Role::Client };
    let (mut near, far) = duplex(128 * 1024);
    near.write_all(bytes).await.expect("there is room");
    let mut socket = WebSocketStream::from_raw_socket(far, role, None).await;
    soon(socket.next()).await.expect("a message is in").expect("it is well-formed")
}

fn is_masked(bytes: &[u8]) -> bool {
    bytes[1] & 0x80 != 0
}

/// The parts of a frame, a line each: those of its header, and then its payload.
fn parts(bytes: &[u8]) -> (String, String) {
    assert_eq!(bytes[0] & 0xf0, 0x80, "every frame here is the last of its message");
    let opcode = match bytes[0] & 0x0f {
        0x1 => "text",
        0x8 => "close",
        0x9 => "ping",
        0xa => "pong",
        other => panic!("no frame here has opcode {other}"),
    };
    let mask = if is_masked(bytes) { "masked" } else { "not masked" };
    let (length, more) = match bytes[1] & 0x7f {
        126 => ("the length is in the next 2 bytes".to_string(), 2),
        127 => ("the length is in the next 8 bytes".to_string(), 8),
        length => (format!("length of the payload: {length}"), 0),
    };
    let mut header = vec![
        (&bytes[..1], format!("FIN: the message ends here; opcode: {opcode}")),
        (&bytes[1..2], format!("{mask}; {length}")),
    ];
    let (long_length, rest) = bytes[2..].split_at(more);
    if more > 0 {
        let value = long_length.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
        header.push((long_length, format!("length of the payload: {value}")));
    }

    let (key, on_the_wire) = rest.split_at(if is_masked(bytes) { 4 } else { 0 });
    let mut plain = on_the_wire.to_vec();
    let mut note = "payload";
    if !key.is_empty() {
        header.push((key, "masking key".to_string()));
        plain.iter_mut().zip(key.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
        note = "payload, masked";
    }
    let payload = match (opcode, &plain[..]) {
        (_, []) => vec![],
        ("close", [high, low]) => {
            let code = u16::from_be_bytes([*high, *low]);
            vec![(on_the_wire, format!("{note}: close code {code}"))]
        }
        _ => {
            let text = str::from_utf8(&plain).expect("every payload here is text");
            vec![(on_the_wire, format!("{note}: {text:?}"))]
        }
    };
    (lines(&header), lines(&payload))
}

fn lines(parts: &[(&[u8], String)]) -> String {
    parts.iter().fold(String::new(), |shown, (bytes, what)| {
        let hex = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
        // So that the columns of most frames stand in line; a longer part takes its room.
        shown + &format!("  {hex:<20}  {what}\n")
    })
}
