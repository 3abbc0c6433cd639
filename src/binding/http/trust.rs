//! Whose certificates are believed: those of the authorities that this machine trusts, as any program of it does, and
//! of those in a file that was named.

use std::path::Path;
use std::sync::{Arc, LazyLock, OnceLock};

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// The machine's, read once: where OpenSSL keeps them, or where `SSL_CERT_FILE` and `SSL_CERT_DIR` say.
static MACHINE: LazyLock<RootCertStore> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    // One that cannot be read is one that is not trusted.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
});

/// The authorities that the guests of one module may rely on.
#[derive(Default)]
pub struct Trust {
    further: Vec<CertificateDer<'static>>,
    settings: OnceLock<Arc<ClientConfig>>,
}

impl Trust {
    /// With the certificates in a file in the form PEM. The error is a sentence about it.
    pub fn read(file: Option<&Path>) -> Result<Self, String> {
        let Some(file) = file else { return Ok(Trust::default()) };
        let wrong = |why: String| format!("the certificates in '{}' cannot be used: {why}", file.display());
        let certificates = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let further = certificates.map_err(|e| wrong(e.to_string()))?;
        let mut roots = RootCertStore::empty();
        for certificate in &further {
            roots.add(certificate.clone()).map_err(|e| wrong(e.to_string()))?;
        }
        if further.is_empty() {
            return Err(wrong("there is none in the form PEM (-----BEGIN CERTIFICATE-----)".to_owned()));
        }
        Ok(Trust { further, settings: OnceLock::new() })
    }

    /// Returns the settings of TLS. The first call reads the machine's certificates, some milliseconds.
    pub fn settings(&self) -> Arc<ClientConfig> {
        let make = || {
            let mut roots = MACHINE.clone();
            roots.add_parsable_certificates(self.further.iter().cloned());
            let mut settings = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .expect("ring has ciphers for both versions of TLS")
                .with_root_certificates(roots)
                .with_no_client_auth();
            settings.alpn_protocols = vec![b"http/1.1".to_vec()];
            Arc::new(settings)
        };
        self.settings.get_or_init(make).clone()
    }
}
