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

/// For how long the certificate is good: 90 days.
const LIFE: Duration = Duration::from_secs(90 * 24 * 3600);

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
    /// The files in this folder, made if they are not there.
    ///
    /// The issuer's key is thrown away at once. Nobody can sign another certificate with it, and so
    /// trusting this issuer is trusting this one certificate.
    ///
    /// # Errors
    /// If they cannot be written, or only some of them are there.
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
        }
        Ok(files)
    }

    fn make(&self, folder: &Path) -> Result<()> {
        let mut ca = CertificateParams::default();
        ca.distinguished_name.push(DnType::CommonName, "live_server, for this machine only");
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
