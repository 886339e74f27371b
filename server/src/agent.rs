//! [`agent`]: how this program is a client of HTTP.

use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::rustls::crypto::ring;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

/// A client that trusts the certificates that the system trusts, follows no redirects, uses no proxy, and gives each
/// request this long. It takes the thread that it runs on.
pub fn agent(timeout: Duration) -> Agent {
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
        .build();
    let config = Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .timeout_global(Some(timeout))
        .user_agent(concat!("isoblob/", env!("CARGO_PKG_VERSION")))
        .build();
    config.new_agent()
}
