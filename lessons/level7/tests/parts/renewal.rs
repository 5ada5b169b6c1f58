//! A certificate that is renewed while the server runs, in virtual time.

use std::{
    fs::File,
    path::Path,
    time::{Duration, SystemTime},
};

use level7::tls;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::{io::duplex, time::advance};
use tokio_rustls::{TlsAcceptor, TlsConnector, rustls::pki_types::ServerName};

/// A certificate for localhost and its key, and the issuer's beside them in the folder.
fn issue(folder: &Path, ca: &str) -> [String; 2] {
    let mut issuer = CertificateParams::default();
    issuer.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let (ca_key, key) = (KeyPair::generate().expect("a key"), KeyPair::generate().expect("a key"));
    let signed = issuer.self_signed(&ca_key).expect("an issuer");
    std::fs::write(folder.join(ca), signed.pem()).expect("a file");
    let server = CertificateParams::new(["localhost".to_string()]).expect("a name");
    let cert = server.signed_by(&key, &Issuer::new(issuer, ca_key)).expect("a certificate");
    [cert.pem(), key.serialize_pem()]
}

/// What certbot does every sixty days. All who come later have the new certificate, and until both
/// files are there, nobody is turned away.
#[tokio::test(start_paused = true)]
async fn a_certificate_that_is_renewed_is_used_within_a_minute_and_without_a_restart() {
    let folder = std::env::temp_dir().join(format!("level7-renewal-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    let write = |path: &Path, text: &str| {
        // As certbot does it, so that it is never half-written.
        let new = folder.join("new");
        std::fs::write(&new, text).and_then(|()| std::fs::rename(&new, path)).expect("a file");
    };
    let [old_cert, old_key] = issue(&folder, "old.pem");
    write(&cert, &old_cert);
    write(&key, &old_key);
    let acceptor = TlsAcceptor::from(tls::server(&cert, &key).expect("a certificate"));
    let trusts = async |ca: &str| {
        let connector = TlsConnector::from(tls::client(Some(&folder.join(ca))).expect("a CA"));
        let name = ServerName::try_from("localhost").expect("a name");
        let (near, far) = duplex(64 * 1024);
        let (client, _) = tokio::join!(connector.connect(name, near), acceptor.accept(far));
        client.is_ok()
    };
    assert!(trusts("old.pem").await);

    let [new_cert, new_key] = issue(&folder, "new.pem");
    write(&cert, &new_cert);
    advance(Duration::from_secs(60)).await;
    assert!(trusts("old.pem").await, "its key is not there yet");
    // A key that is not whole, and the whole one in the same second: many file systems count in
    // those, and so nothing but the key itself tells.
    let same = SystemTime::now();
    let write_key = |text: &str| {
        write(&key, text);
        let file = File::options().write(true).open(&key);
        file.and_then(|it| it.set_modified(same)).expect("a file");
    };
    write_key(&new_key[..new_key.len() / 2]);
    advance(Duration::from_secs(60)).await;
    assert!(trusts("old.pem").await, "it is no key");
    write_key(&new_key);
    advance(Duration::from_secs(59)).await;
    assert!(trusts("old.pem").await, "nobody has looked since");
    advance(Duration::from_secs(1)).await;
    assert!(trusts("new.pem").await && !trusts("old.pem").await);

    std::fs::remove_file(&cert).expect("it is there");
    advance(Duration::from_secs(60)).await;
    assert!(trusts("new.pem").await, "what was read stays in use");
    let _ = std::fs::remove_dir_all(&folder);
}
