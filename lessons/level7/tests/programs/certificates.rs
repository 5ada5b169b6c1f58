//! TLS as its users see it: it works, or a sentence says why not.

use std::time::{Duration, SystemTime};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use support::{
    assert_snapshot,
    deadline::{ON_TIME, soon},
    process::{Finished, Server, command, run},
};
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::{Folder, address, ask, server, server_with_tokens};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Makes a certificate for this name; from so many days ago, for ten.
fn certificate(folder: &Folder, issuer: &str, name: &str, days_ago: i32) -> [String; 3] {
    let mut ca = CertificateParams::default();
    ca.distinguished_name.push(DnType::CommonName, issuer);
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let mut server = CertificateParams::new([name.to_string()]).expect("a name");
    let now = SystemTime::now();
    let begin =
        if days_ago < 0 { now + DAY * -days_ago as u32 } else { now - DAY * days_ago as u32 };
    server.not_before = begin.into();
    server.not_after = (begin + DAY * 10).into();
    let (ca_key, key) = (KeyPair::generate().expect("a key"), KeyPair::generate().expect("a key"));
    let issuer = ca.self_signed(&ca_key).expect("an issuer");
    let cert = server.signed_by(&key, &Issuer::new(ca, ca_key)).expect("a certificate");
    [
        folder.file("ca.pem", &issuer.pem()),
        folder.file("cert.pem", &cert.pem()),
        folder.file("key.pem", &key.serialize_pem()),
    ]
}

fn url(server: &Server) -> String {
    format!("wss://localhost:{}", address(server).rsplit(':').next().expect("a port"))
}

/// What the client says of a server with this certificate.
async fn said(name: &str, days_ago: i32, trusted: &str) -> String {
    let folder = Folder::new();
    let [ca, cert, key] = certificate(&folder, "an issuer", name, days_ago);
    let server = server(&["--cert", &cert, "--key", &key]).await;
    // A file with some other issuer: what this machine trusts is its own affair.
    let other = Folder::new();
    let ca = match trusted {
        "its own" => ca,
        issuer => certificate(&other, issuer, "localhost", 0)[0].clone(),
    };
    let url = url(&server);
    let client = run("live_client", &[&url, "--ca", &ca, "--publish"], "a line\n").await;
    let said = if client.status.success() { client.stdout } else { client.stderr };
    said.replace(&url, "wss://localhost")
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_said_in_a_sentence() {
    let mut table = String::new();
    for (what, name, days_ago, trusted) in [
        ("a good one", "localhost", 1, "its own"),
        ("expired yesterday", "localhost", 11, "its own"),
        ("not valid yet", "localhost", -2, "its own"),
        ("of another host", "other.example", 1, "its own"),
        ("of an unknown issuer", "localhost", 1, "another issuer"),
        ("made anew, and trusted as it was before", "localhost", 1, "an issuer"),
    ] {
        table += &format!("{what}:\n    {}\n", said(name, days_ago, trusted).await.trim_end());
    }
    assert_snapshot("level7_certificates", &table);
}

#[tokio::test]
async fn a_server_without_tls_is_told_from_one_whose_certificate_is_bad() {
    let folder = Folder::new();
    let server = server(&[]).await;
    let [ca, ..] = certificate(&folder, "an issuer", "localhost", 0);
    let Finished { stderr, status, .. } =
        run("live_client", &[&url(&server), "--ca", &ca], "").await;
    assert!(stderr.contains("it does not speak TLS"), "{stderr}");
    assert_eq!(status.code(), Some(1));
}

/// The client asks a server with TLS in plain HTTP.
#[tokio::test]
async fn a_plain_url_of_a_server_with_tls_is_told_what_may_be_wrong() {
    let folder = Folder::new();
    let server = server_with_tokens(&folder, &["--dev-cert", &folder.path("made")]).await;
    let plain = url(&server).replace("wss://", "ws://");
    let Finished { stderr, status, .. } = run("live_client", &[&plain], "").await;
    assert!(stderr.contains("its URL may begin with wss://"), "{stderr}");
    assert_eq!(status.code(), Some(1));
    // Whoever names an issuer wants to be sure.
    let ca = folder.path("made/ca.pem");
    let Finished { stderr, status, .. } = run("live_client", &[&plain, "--ca", &ca], "").await;
    assert!(stderr.contains("--ca is for wss://"), "{stderr}");
    assert_eq!(status.code(), Some(1));
}

#[tokio::test]
async fn the_certificate_for_this_machine_can_be_used_as_it_says() {
    let folder = Folder::new();
    let (made, key) = (folder.path("made"), folder.path("made/key.pem"));
    let mut server = server_with_tokens(&folder, &["--dev-cert", &made]).await;
    let mut lines = String::new();
    while !lines.contains("a browser: ") {
        lines += &server.next_line().await;
        lines.push('\n');
    }
    let port = address(&server).rsplit(':').next().expect("a port").to_string();
    let shown = lines.replace(&folder.path(""), "/").replace(&port, "PORT");
    assert_snapshot("level7_dev_cert_terminal", &shown);
    let (url, ca) = (url(&server), folder.path("made/ca.pem"));
    let token = |name: &str| folder.path(name);
    let publish = ["--ca", &ca, "--publish", "--token-file", &token("writer")];
    let done = run("live_client", &[&[url.as_str()], &publish[..]].concat(), "over TLS\n").await;
    assert_eq!(done.stdout, "kept as line 1\n", "{}", done.stderr);
    // Only its owner can read the key, and a second start takes the same.
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(&key).expect("it is there").permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
    let before = std::fs::read(&key).expect("a key");
    server.stop().await;
    let again = server_with_tokens(&folder, &["--dev-cert", &made]).await;
    assert_eq!(std::fs::read(&key).expect("a key"), before);
    drop(again);
}

/// Noise, a request without TLS, and handshakes that stop half-way: all others are served on time.
#[tokio::test]
async fn strangers_to_tls_keep_nobody_else_waiting() {
    let folder = Folder::new();
    let [ca, cert, key] = certificate(&folder, "an issuer", "localhost", 0);
    let server = server(&["--cert", &cert, "--key", &key]).await;
    let mut silent = Vec::new();
    for beginning in [&b""[..], b"\x16\x03\x01\x02\x00\x01", b"\x16"] {
        for _ in 0..20 {
            let mut stream = TcpStream::connect(address(&server)).await.expect("it listens");
            stream.write_all(beginning).await.expect("it reads");
            silent.push(stream);
        }
    }
    for request in ["GET / HTTP/1.1\r\n\r\n", "\0\0\0\0\0\0\0\0", "SSH-2.0-x\r\n"] {
        let answer = ask(address(&server), request).await;
        assert!(!answer.contains("HTTP"), "{answer}");
    }
    let start = std::time::Instant::now();
    let done = soon(run("live_client", &[&url(&server), "--ca", &ca, "--publish"], "x\n")).await;
    assert_eq!(done.stdout, "kept as line 1\n", "{}", done.stderr);
    assert!(start.elapsed() < ON_TIME, "{:?}", start.elapsed());
}

/// Whom the system trusts; here it is told with the variable that many programs know.
#[tokio::test]
async fn without_ca_it_is_the_systems_issuers_that_count() {
    let folder = Folder::new();
    let [ca, cert, key] = certificate(&folder, "an issuer", "localhost", 0);
    let server = server(&["--cert", &cert, "--key", &key]).await;
    for (trusted, due) in [(ca, "kept as line 1\n"), (cert, "")] {
        let mut client = command("live_client", &[&url(&server), "--publish"]);
        let mut client = client.env("SSL_CERT_FILE", trusted).spawn().expect("it is built");
        let mut input = client.stdin.take().expect("stdin is piped");
        input.write_all(b"x\n").await.expect("it reads");
        drop(input);
        let output = soon(client.wait_with_output()).await.expect("it ends");
        assert_eq!(String::from_utf8_lossy(&output.stdout), due);
        assert_eq!(output.status.success(), !due.is_empty());
    }
}

#[tokio::test]
async fn an_expired_certificate_for_this_machine_is_made_anew_and_nobody_elses() {
    let folder = Folder::new();
    let made = folder.path("");
    let ours = "live_server, for this machine only";
    for (issuer, days_ago, is_new) in [(ours, 11, true), (ours, 1, false), ("an issuer", 11, false)]
    {
        let [ca, _, key] = certificate(&folder, issuer, "localhost", days_ago);
        let before = std::fs::read(&key).expect("a key");
        if issuer == ours {
            let server = server(&["--dev-cert", &made]).await;
            let done = run("live_client", &[&url(&server), "--ca", &ca, "--publish"], "x\n").await;
            assert_eq!(done.stdout, "kept as line 1\n", "{}", done.stderr);
            let said = server.stop().await.stderr;
            assert_eq!(said.contains("had expired, and is a new one now"), is_new, "{said}");
        } else {
            let refused = run("live_server", &["127.0.0.1:0", "--dev-cert", &made], "").await;
            assert_eq!(refused.status.code(), Some(1));
            assert!(refused.stderr.contains("--dev-cert has not made it"), "{}", refused.stderr);
        }
        assert_eq!(std::fs::read(&key).expect("a key") != before, is_new, "{issuer}, {days_ago}");
    }
}

/// With our certificate, and somebody's own key in the place of ours.
#[tokio::test]
async fn a_key_beside_an_expired_certificate_of_ours_is_not_lost() {
    let folder = Folder::new();
    let [_, _, key] = certificate(&folder, "live_server, for this machine only", "localhost", 11);
    let own = KeyPair::generate().expect("a key").serialize_pem();
    std::fs::write(&key, &own).expect("a file");
    let refused = run("live_server", &["127.0.0.1:0", "--dev-cert", &folder.path("")], "").await;
    assert_eq!(refused.status.code(), Some(1), "{}", refused.stderr);
    assert_eq!(std::fs::read_to_string(&key).expect("a key"), own);
}
