//! TLS: [`TlsFiles`], and what connections are made with from them.

use std::path::PathBuf;
use std::sync::Arc;

use tokio_rustls::rustls;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::reload::{Current, LoadError, Reload, Reloadable};

/// What connections are made with: a certificate with its key, TLS 1.2 and 1.3, and HTTP/2 before HTTP/1.1.
pub type TlsConfig = Current<ServerConfig>;

/// The protocols that a client may choose from (RFC 7301), the preferred one first.
const ALPN: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// The PEM files of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and those that link it to its authority's.
    pub cert: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl TlsFiles {
    /// Reads the pair, which can be read again.
    ///
    /// # Errors
    ///
    /// A file cannot be read, holds no certificate or no key, or the two do not belong together.
    pub fn load(self) -> Result<(TlsConfig, Box<dyn Reload>), LoadError> {
        let parse = |files: &[Vec<u8>]| Ok(config(&files[0], &files[1])?);
        let (config, reloadable) = Reloadable::load("certificates", vec![self.cert, self.key], parse)?;
        Ok((config, Box::new(reloadable)))
    }
}

/// What is wrong with a pair of files.
#[derive(Debug, thiserror::Error)]
enum PairError {
    #[error("the first file holds no certificate in PEM")]
    Certificate(#[source] pem::Error),
    #[error("the second file holds no private key in PEM")]
    Key(#[source] pem::Error),
    #[error("the certificate and the key cannot be used: {0}")]
    Pair(#[from] rustls::Error),
}

fn config(cert: &[u8], key: &[u8]) -> Result<ServerConfig, PairError> {
    let certs = CertificateDer::pem_slice_iter(cert).collect::<Result<Vec<_>, _>>().map_err(PairError::Certificate)?;
    if certs.is_empty() {
        return Err(PairError::Certificate(pem::Error::NoItemsFound));
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(PairError::Key)?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(certs, key)?;
    config.alpn_protocols = ALPN.map(<[u8]>::to_vec).to_vec();
    Ok(config)
}
