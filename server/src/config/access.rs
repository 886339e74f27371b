//! [`AccessArgs`]: who may reach the server, and how.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use axum::http::HeaderValue;
use axum::http::uri::Authority;
use clap::Args;

use crate::auth::{TOKENS_VARIABLE, TokenSource};
use crate::http::HostPolicy;
use crate::tls::TlsFiles;

/// Who may reach the server of `isoblob serve`.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Access")]
pub struct AccessArgs {
    /// A file of tokens, of which a request must bring one; each is written `read:TOKEN`, `write:TOKEN` or
    /// `admin:TOKEN`, and `#` begins a comment
    ///
    /// `write` may do what `read` may, and `admin` everything. A token has 16 to 256 letters, digits or `-._~+/=`, such
    /// as `openssl rand -hex 32` prints. Clients send it as `Authorization: Bearer TOKEN`, or as the password of HTTP
    /// Basic, so that one that only knows a URL can carry it in there. The file is read again when it changes.
    ///
    /// The variable `ISOBLOB_TOKENS` can hold the tokens themselves instead.
    #[arg(long, env = "ISOBLOB_TOKENS_FILE", value_name = "FILE")]
    pub tokens_file: Option<PathBuf>,

    /// Let whoever can reach the server read and write blobs, without a token
    ///
    /// On a loopback address that is so anyway; on any other the server does not start without tokens or this.
    #[arg(long, env = "ISOBLOB_ALLOW_ANONYMOUS")]
    pub allow_anonymous: bool,

    /// An origin, such as `https://app.example.org`, whose pages may use the server from a browser; may be given again
    ///
    /// In the environment they are separated by commas.
    #[arg(long, env = "ISOBLOB_ALLOW_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    pub allow_origin: Vec<Origin>,

    /// A host, such as `blobs.example.org`, that requests may name beside localhost; may be given again
    ///
    /// On a loopback address, only localhost and loopback addresses are answered to without it, so that no page that a
    /// person happens to visit reaches the server under a name of its own. On any other address, all hosts are.
    #[arg(long, env = "ISOBLOB_ALLOW_HOST", value_name = "HOST", value_delimiter = ',')]
    pub allow_host: Vec<HostName>,

    /// A file of PEM certificates, the server's own first: HTTP and gRPC are then served over TLS alone
    ///
    /// It and the key are read again when they change.
    #[arg(long, env = "ISOBLOB_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,

    /// The file of the certificate's private key, PEM
    #[arg(long, env = "ISOBLOB_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
}

impl AccessArgs {
    /// Where tokens are; `None` where no request needs one.
    ///
    /// # Errors
    ///
    /// The settings contradict each other, or leave a server open that others can reach.
    pub fn tokens(&self, listen: SocketAddr) -> Result<Option<TokenSource>, AccessError> {
        let variable = std::env::var(TOKENS_VARIABLE).ok().filter(|text| !text.is_empty());
        match (&self.tokens_file, variable) {
            (Some(_), Some(_)) => Err(AccessError::TokensTwice),
            (None, None) if self.allow_anonymous || listen.ip().is_loopback() => Ok(None),
            (None, None) => Err(AccessError::Open { listen }),
            _ if self.allow_anonymous => Err(AccessError::TokensForNothing),
            (Some(file), None) => Ok(Some(TokenSource::File(file.clone()))),
            (None, Some(text)) => Ok(Some(TokenSource::Text(text))),
        }
    }

    /// The files of TLS; `None` where it is not used.
    ///
    /// # Errors
    ///
    /// One is given without the other.
    pub fn tls(&self) -> Result<Option<TlsFiles>, AccessError> {
        match (&self.tls_cert, &self.tls_key) {
            (None, None) => Ok(None),
            (Some(cert), Some(key)) => Ok(Some(TlsFiles { cert: cert.clone(), key: key.clone() })),
            (Some(_), None) => Err(AccessError::Missing { given: "--tls-cert", missing: "--tls-key" }),
            (None, Some(_)) => Err(AccessError::Missing { given: "--tls-key", missing: "--tls-cert" }),
        }
    }

    /// Which hosts a server that listens at this address answers to.
    pub fn host_policy(&self, bound: SocketAddr) -> HostPolicy {
        if self.allow_host.is_empty() {
            HostPolicy::of(bound)
        } else {
            HostPolicy::Named(self.allow_host.iter().map(|HostName(name)| name.clone()).collect())
        }
    }

    /// The origins whose pages may use the server.
    pub fn allowed_origins(&self) -> Vec<HeaderValue> {
        self.allow_origin.iter().map(|Origin(origin)| origin.clone()).collect()
    }
}

/// Settings of access that do not go together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    /// Others can reach the server, and nothing is asked of them.
    #[error(
        "whoever reaches {listen} could read and write blobs: give tokens (--tokens-file), or say that this is meant \
        (--allow-anonymous)"
    )]
    Open {
        /// The address to listen on.
        listen: SocketAddr,
    },
    /// Tokens in two places.
    #[error("tokens are given by --tokens-file and by {TOKENS_VARIABLE}, of which only one can hold")]
    TokensTwice,
    /// Tokens that nobody would have to bring.
    #[error("--allow-anonymous asks nobody for a token, but tokens are given")]
    TokensForNothing,
    /// Half of a pair.
    #[error("{given} is given without {missing}")]
    Missing {
        /// The flag that is there.
        given: &'static str,
        /// The flag that is not.
        missing: &'static str,
    },
}

/// An origin (RFC 6454): a scheme, a host and, where it is not that of the scheme, a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(HeaderValue);

impl FromStr for Origin {
    type Err = ParseOriginError;

    /// # Errors
    ///
    /// The text is not what a browser would send as `Origin`.
    fn from_str(text: &str) -> Result<Self, ParseOriginError> {
        let host = ["http://", "https://"].into_iter().find_map(|scheme| text.strip_prefix(scheme));
        let is_origin = host.is_some_and(|host| {
            host.parse::<Authority>().is_ok_and(|it| it == host && !host.contains('@'))
                && !host.bytes().any(|byte| byte.is_ascii_uppercase())
        });
        let value = HeaderValue::from_str(text).ok().filter(|_| is_origin);
        value.map(Self).ok_or(ParseOriginError(()))
    }
}

/// A text that is not an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an origin is http:// or https://, a host in lowercase, and maybe a port, with no path")]
pub struct ParseOriginError(());

/// A host, without a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostName(String);

impl FromStr for HostName {
    type Err = ParseHostError;

    /// # Errors
    ///
    /// The text is not a host.
    fn from_str(text: &str) -> Result<Self, ParseHostError> {
        match text.parse::<Authority>() {
            Ok(authority) if authority.host() == text => Ok(Self(text.to_ascii_lowercase())),
            _ => Err(ParseHostError(())),
        }
    }
}

/// A text that is not a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a host is a name or an address, without a port")]
pub struct ParseHostError(());
