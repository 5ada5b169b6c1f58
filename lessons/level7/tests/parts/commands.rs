//! Command lines: what a server refuses to be, with a sentence.

use std::path::PathBuf;

use level7::{Options, Server};
use support::assert_snapshot;

use crate::address;

/// A file in a folder of its own, which goes with it.
fn file(name: &str, text: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("level7-parts-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(&path, text).expect("a file");
    path
}

/// What becomes of a command line; the server listens at this address.
fn outcome(at: &str, arguments: &str) -> String {
    let arguments = ["live_server"].into_iter().chain(arguments.split_whitespace());
    match Options::parse(arguments).and_then(|it| it.settings(address(at))) {
        Ok(_) => "fine".into(),
        Err(error) => format!("{error:#}"),
    }
}

// (Paths and the words of the system are those of Unix.)
#[cfg(unix)]
#[test]
fn combinations_that_are_not_safe_are_refused_with_a_sentence() {
    let folder = file("reader", "the-token-of-readers\n");
    let folder = folder.parent().expect("a folder").display().to_string();
    file("writer", "the-token-of-writers\n");
    file("short", "secret\n");
    file("words", "two words of a secret\n");
    file("noise", "no certificate\n");
    let made = format!("{folder}/made");
    let dev = format!("--dev-cert {made}");
    let tls = format!("--cert {made}/cert.pem --key {made}/key.pem");
    let (reader, writer) = (
        format!("--reader-token-file {folder}/reader"),
        format!("--writer-token-file {folder}/writer"),
    );
    let (here, all) = ("127.0.0.1:8765", "0.0.0.0:8765");
    let mut table = String::new();
    for (at, arguments) in [
        (here, String::new()),
        (here, writer.clone()),
        (here, format!("{dev} {reader} {writer}")),
        ("[::1]:8765", String::new()),
        (all, String::new()),
        ("[::]:8765", String::new()),
        (all, writer.clone()),
        (all, reader.clone()),
        (all, tls.clone()),
        (all, format!("{tls} {writer}")),
        (all, format!("{writer} --behind-proxy --trust 10.0.0.0/8")),
        (all, "--behind-proxy".into()),
        (here, "--behind-proxy".into()),
        (here, format!("{writer} --behind-proxy")),
        (all, format!("{dev} {writer}")),
        (here, format!("{reader} --writer-token-file {folder}/reader")),
        (here, format!("--writer-token-file {folder}/short")),
        (here, format!("--writer-token-file {folder}/words")),
        (here, format!("--writer-token-file {folder}/nothing")),
        (here, format!("--cert {folder}/noise --key {made}/key.pem")),
        (here, format!("--cert {made}/cert.pem --key {folder}/noise")),
        (here, format!("--cert {made}/ca.pem --key {made}/key.pem")),
        (here, "--origin *".into()),
        (here, format!("{writer} --behind-proxy --trust everybody")),
        (all, format!("{writer} --behind-proxy --trust 0.0.0.0/0")),
        (all, format!("{writer} --behind-proxy --trust ::/0")),
    ] {
        let outcome = outcome(at, &arguments).replace(" (os error 2)", "");
        table += &format!("{at} {arguments}\n    {outcome}\n").replace(&folder, "FOLDER");
    }
    let _ = std::fs::remove_dir_all(folder);
    assert!(!table.contains("secret") && !table.contains("the-token"), "{table}");
    assert_snapshot("level7_refused_settings", &table);
}

/// Somebody's real key, in the folder that deploy's manual names for it, with no `ca.pem` beside it.
#[test]
fn a_key_that_is_there_is_not_written_over() {
    let key = file("real/key.pem", "a real key\n");
    let folder = key.parent().expect("a folder");
    let told = outcome("127.0.0.1:8765", &format!("--dev-cert {}", folder.display()));
    let left = std::fs::read_to_string(&key).expect("it is there");
    assert_eq!(left, "a real key\n");
    assert!(told.contains("key.pem") && told.contains("another folder"), "{told}");
    let _ = std::fs::remove_dir_all(folder);
}

#[test]
fn what_a_streams_name_may_be_is_said_in_a_sentence() {
    let parse = |name: &str| Options::parse(["live_server", "--stream", name]);
    for bad in ["", " ", "my logs", "live.lines", "live.>", "*", "a/b", "日志", &"x".repeat(256)]
    {
        let error = parse(bad).expect_err(bad).to_string();
        assert!(error.contains("a stream's name has letters and digits"), "{bad}: {error}");
    }
    assert!(parse("live-logs_2").is_ok());
}

#[test]
fn arguments_without_sense_are_not_taken() {
    for bad in [
        "--cert a.pem",
        "--trust 10.0.0.1",
        "--dev-cert a --cert b --key c",
        "--connections 0",
        "--messages -1",
        "--pulse 0",
        "--pulse x",
        "--goodbye 100000",
        "--login inf",
        "--writer-token the-token-of-writers",
        "--pulse NaN",
        "--pulse -1",
        "--pulse 0.0001",
        "--pulse 1e300",
    ] {
        let arguments = ["live_server"].into_iter().chain(bad.split(' '));
        assert!(Options::parse(arguments).is_err(), "{bad}");
    }
    let flags = ["connections", "per-address", "at-the-door", "wrong-tokens", "messages"];
    for flag in flags.into_iter().chain(["handshake", "login", "pulse", "goodbye"]) {
        for nonsense in ["0", "18446744073709551615", "-1", ""] {
            let arguments = ["live_server".to_string(), format!("--{flag}={nonsense}")];
            assert!(Options::parse(arguments).is_err(), "--{flag}={nonsense}");
        }
    }
}

/// Else the client would try again for ever, at some other port.
#[test]
fn a_url_that_is_none_is_not_dialed() {
    for good in ["ws://localhost", "wss://a.example/x?y", "ws://[::1]", "ws://[::1]:1", "ws://a:1"]
    {
        let server = Server::new(good, None, None);
        assert!(server.is_ok() || good.starts_with("wss"), "{good}: {server:?}");
    }
    for (bad, due) in [
        ("0", "a URL looks like"),
        ("http://localhost", "a URL looks like"),
        ("ws://user@localhost", "no user"),
        ("ws://127.0.0.1:99999", "a port is a number"),
        ("ws://127.0.0.1:18446744073709551615", "a port is a number"),
        ("ws://[::1]:99999", "a port is a number"),
        ("ws://localhost:x", "a port is a number"),
    ] {
        let error = Server::new(bad, None, None).expect_err(bad).to_string();
        assert!(error.contains(due), "{bad}: {error}");
    }
}
