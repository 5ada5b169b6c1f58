//! A certificate that may be renewed while the server runs.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result, anyhow};
use tokio::time::Instant;
use tokio_rustls::rustls::{
    crypto::ring::default_provider,
    pki_types::{PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use crate::tls::certificates;

/// How often the files are looked at, at most: once a minute.
const LOOK: Duration = Duration::from_secs(60);

/// A certificate and its key, in two files. What renews them (certbot, say) writes them anew every
/// few weeks, and nobody should have to start the server again for that.
#[derive(Debug)]
pub struct Certificate {
    files: [PathBuf; 2],
    now: Mutex<Now>,
}

#[derive(Debug)]
struct Now {
    looked: Instant,
    written: [Option<SystemTime>; 2],
    key: Arc<CertifiedKey>,
}

impl Certificate {
    /// Reads both files (PEM).
    ///
    /// # Errors
    /// If one cannot be read, or is not what it should be.
    pub fn read(certificate: PathBuf, key: PathBuf) -> Result<Certificate> {
        let files = [certificate, key];
        let (looked, written, key) = (Instant::now(), written(&files), load(&files)?);
        Ok(Certificate { files, now: Mutex::new(Now { looked, written, key }) })
    }
}

impl ResolvesServerCert for Certificate {
    /// The certificate, from new files if there are any. While one of the two is new and the other
    /// is not, or one is broken, it stays as it was.
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // Nothing in here panics half-way. It reads two small files, once a minute.
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        if now.looked.elapsed() >= LOOK {
            now.looked = Instant::now();
            let written = written(&self.files);
            if now.written != written {
                match load(&self.files) {
                    Ok(key) => {
                        log::info!("the certificate is a new one: {}", self.files[0].display());
                        (now.written, now.key) = (written, key);
                    }
                    Err(error) => log::warn!("the old certificate stays in use: {error:#}"),
                }
            }
        }
        Some(now.key.clone())
    }
}

/// When each was written.
fn written(files: &[PathBuf; 2]) -> [Option<SystemTime>; 2] {
    files.each_ref().map(|file| fs::metadata(file).and_then(|it| it.modified()).ok())
}

fn load([certificate, key]: &[PathBuf; 2]) -> Result<Arc<CertifiedKey>> {
    let certificates = certificates(certificate)?;
    let key = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| anyhow!("no private key in {}: {error}", key.display()))?;
    let key = CertifiedKey::from_der(certificates, key, &default_provider());
    key.map(Arc::new).context("the certificate and the key do not fit together")
}
