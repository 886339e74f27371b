//! [`agent`]: how this program is a client of HTTP.

use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::rustls::crypto::ring;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::stepflow::Scheme;

/// How long a server may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A client that follows no redirects, uses no proxy, and gives each request this long. It takes the thread that it runs
/// on.
///
/// For `https` it trusts the certificates that the system trusts, or those that `SSL_CERT_FILE` names; for `http` they
/// are not read.
pub fn agent(scheme: Scheme, timeout: Duration) -> Agent {
    let trusted = match scheme {
        Scheme::Http => Vec::new(),
        Scheme::Https => trusted(),
    };
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&trusted))
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
        .build();
    let config = Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .timeout_global(Some(timeout))
        .user_agent(concat!("isoblob/", env!("CARGO_PKG_VERSION")))
        .build();
    config.new_agent()
}

/// The certificates that can be read; without any, no server is trusted.
fn trusted() -> Vec<Certificate<'static>> {
    let found = rustls_native_certs::load_native_certs();
    for error in found.errors {
        tracing::warn!(%error, "cannot read a certificate that the system trusts");
    }
    found.certs.iter().map(|cert| Certificate::from_der(cert).to_owned()).collect()
}
