//! A certificate for trying things out: for this machine, from an issuer of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result, ensure};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use tokio_rustls::rustls::{
    CertificateError, Error, RootCertStore,
    client::verify_server_cert_signed_by_trust_anchor,
    crypto::ring::default_provider,
    pki_types::{CertificateDer, UnixTime, pem::PemObject},
    server::ParsedCertificate,
};

use crate::tls;

/// For how long the certificate is good: 90 days.
const LIFE: Duration = Duration::from_secs(90 * 24 * 3600);

/// The name of the issuer, in its certificate and in that of the server.
const ISSUER: &str = "live_server, for this machine only";

/// Where the three files are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DevCert {
    /// The issuer: what clients are told to trust.
    pub ca: PathBuf,
    /// The server's certificate.
    pub cert: PathBuf,
    /// The server's key, which stays here.
    pub key: PathBuf,
}

impl DevCert {
    /// The files in this folder, made if they are not there, and made anew when they have expired.
    ///
    /// The issuer's key is thrown away at once. Nobody can sign another certificate with it, and so
    /// trusting this issuer is trusting this one certificate.
    ///
    /// # Errors
    /// If they cannot be written, or only some of them are there, or they have expired and are
    /// somebody else's.
    pub fn in_folder(folder: &Path) -> Result<DevCert> {
        let files = DevCert {
            ca: folder.join("ca.pem"),
            cert: folder.join("cert.pem"),
            key: folder.join("key.pem"),
        };
        if !(files.ca.exists() && files.cert.exists() && files.key.exists()) {
            // It may be somebody's real one. A key that is written over is lost.
            for file in [&files.cert, &files.key] {
                ensure!(
                    !file.exists(),
                    "{} is there already, and not all of a certificate for trying things out is: \
                     give --dev-cert another folder, or --cert and --key if this is your own",
                    file.display()
                );
            }
            files
                .make(folder)
                .with_context(|| format!("no certificate in {}", folder.display()))?;
        } else if files.have_expired().unwrap_or(false) {
            let name = folder.display();
            ensure!(
                files.are_ours().unwrap_or(false),
                "the certificate in {name} has expired, and --dev-cert has not made it: renew it \
                 and give --cert and --key, or give --dev-cert another folder"
            );
            files.make(folder).with_context(|| format!("no certificate in {name}"))?;
            log::warn!("the certificate in {name} had expired, and is a new one now");
        }
        Ok(files)
    }

    /// Whether a client would say so today or tomorrow. Whatever else is wrong with these files,
    /// using them will tell.
    fn have_expired(&self) -> Result<bool> {
        let (ca, cert) = (CertificateDer::from_pem_file(&self.ca)?, self.cert()?);
        let mut roots = RootCertStore::empty();
        roots.add(ca)?;
        let at = SystemTime::now() + Duration::from_secs(24 * 3600);
        let verdict = verify_server_cert_signed_by_trust_anchor(
            &ParsedCertificate::try_from(&cert)?,
            &roots,
            &[],
            UnixTime::since_unix_epoch(at.duration_since(SystemTime::UNIX_EPOCH)?),
            default_provider().signature_verification_algorithms.all,
        );
        use CertificateError::{Expired, ExpiredContext};
        let is_expired =
            |error: &_| matches!(error, Error::InvalidCertificate(Expired | ExpiredContext { .. }));
        Ok(verdict.is_err_and(|error| is_expired(&error)))
    }

    /// Whether the key, which is the only thing that could be missed, is for a certificate of our
    /// own making. Nobody else has an issuer of this name.
    fn are_ours(&self) -> Result<bool> {
        let names_us = self.cert()?.windows(ISSUER.len()).any(|it| it == ISSUER.as_bytes());
        Ok(names_us && tls::server(&self.cert, &self.key).is_ok())
    }

    fn cert(&self) -> Result<CertificateDer<'static>> {
        Ok(CertificateDer::from_pem_file(&self.cert)?)
    }

    fn make(&self, folder: &Path) -> Result<()> {
        let mut ca = CertificateParams::default();
        ca.distinguished_name.push(DnType::CommonName, ISSUER);
        ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let ca_key = KeyPair::generate()?;

        let names = ["localhost", "127.0.0.1", "::1"].map(String::from);
        let mut server = CertificateParams::new(names)?;
        server.distinguished_name.push(DnType::CommonName, "localhost");
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let now = SystemTime::now();
        for params in [&mut ca, &mut server] {
            // A clock may be behind by a little.
            params.not_before = (now - Duration::from_secs(3600)).into();
            params.not_after = (now + LIFE).into();
        }
        let ca_cert = ca.self_signed(&ca_key)?;
        let key = KeyPair::generate()?;
        let cert = server.signed_by(&key, &Issuer::new(ca, ca_key))?;

        fs::create_dir_all(folder)?;
        fs::write(&self.ca, ca_cert.pem())?;
        fs::write(&self.cert, cert.pem())?;
        write_secret(&self.key, &key.serialize_pem())
    }
}

/// A file that only its owner can read, from its first moment on.
fn write_secret(path: &Path, text: &str) -> Result<()> {
    use std::io::Write;
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())?;
    Ok(())
}
