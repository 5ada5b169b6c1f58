//! TLS: certificates for the server, trust for the client, and what is wrong in words.

use std::{io, path::Path, sync::Arc};

use anyhow::{Context, Result, anyhow, bail};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, Error, RootCertStore, ServerConfig,
    crypto::ring::default_provider,
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::Certificate;

// ANCHOR: server
/// The server's side: the certificate that it shows (with those of its issuers, but the last), and
/// the key that proves that it is the server's own. Both are PEM files, and when they are written
/// anew, they are read anew: see [`Certificate`].
///
/// # Errors
/// If a file cannot be read, or is not what it should be.
pub fn server(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>> {
    let certificate = Certificate::read(certificate.into(), key.into())?;
    // The cryptography is named here, and so it does not depend on which features some other crate
    // has turned on.
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(certificate));
    // A browser offers HTTP/2 as well, which has another handshake for WebSockets (RFC 8441).
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
// ANCHOR_END: server

/// The client's side: whom it trusts to say who a server is. Those whom the system trusts, or, with
/// `ca`, only the issuer in this file.
///
/// # Errors
/// If the file has no certificate, or the system trusts nobody.
pub fn client(ca: Option<&Path>) -> Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    match ca {
        Some(file) => {
            for certificate in certificates(file)? {
                roots.add(certificate).with_context(|| format!("{} is no CA", file.display()))?;
            }
        }
        None => {
            // Systems have some that are out of use. Those are left out.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                bail!("this system trusts no issuer of certificates; name one with --ca FILE");
            }
        }
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

pub(crate) fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let name = file.display();
    let certificates: Vec<_> = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .map_err(|error| anyhow!("no certificate in {name}: {error}"))?;
    if certificates.is_empty() {
        bail!("no certificate in {name}: it should begin with -----BEGIN CERTIFICATE-----");
    }
    Ok(certificates)
}

/// Why there is no TLS with a server, for a person, and whether a later attempt may succeed. `None`
/// if the connection only broke.
pub(crate) fn what_is_wrong(error: &io::Error) -> Option<String> {
    let error = error.get_ref()?.downcast_ref::<Error>()?;
    let Error::InvalidCertificate(error) = error else {
        return Some(match error {
            Error::InvalidMessage(_) => {
                "it does not speak TLS; its URL may begin with ws://".into()
            }
            other => format!("no TLS with it: {other}"),
        });
    };
    use CertificateError::{
        BadSignature, Expired, ExpiredContext, NotValidForName, NotValidForNameContext,
        NotValidYet, NotValidYetContext, UnknownIssuer,
    };
    Some(match error {
        Expired | ExpiredContext { .. } => {
            "its certificate has expired, or this computer's clock is wrong".into()
        }
        NotValidYet | NotValidYetContext { .. } => {
            "its certificate is not valid yet, or this computer's clock is wrong".into()
        }
        NotValidForName => "its certificate is for another host".into(),
        NotValidForNameContext { presented, .. } => {
            // As in `DnsName("example.org")`.
            let names = presented.iter().filter_map(|name| name.split('"').nth(1));
            format!("its certificate is for another host: {}", names.collect::<Vec<_>>().join(", "))
        }
        UnknownIssuer => {
            "its certificate is from an issuer that is not trusted here; if the server \
            is your own, name its CA with --ca FILE"
                .into()
        }
        BadSignature => {
            "its certificate is not signed by the issuer that is trusted here, which only \
            has the same name; is the --ca file an old one?"
                .into()
        }
        other => format!("its certificate is not good: {other}"),
    })
}
