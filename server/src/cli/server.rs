//! [`ServerArgs`]: which server a command asks.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use isoblob_core::handshake::{BlobApiUrl, ParseBlobApiUrlError};
use percent_encoding::percent_decode_str;

use crate::config::seconds;
use crate::stepflow::Scheme;

/// Which server a command asks.
#[derive(Args, Clone, Debug)]
pub struct ServerArgs {
    /// The server's URL, or that of its blobs, as Stepflow has it
    ///
    /// It may carry a token: `https://:TOKEN@blobs.example.org`.
    #[arg(
        long,
        env = "ISOBLOB_URL",
        value_name = "URL",
        default_value = "http://localhost:7837",
        hide_env_values = true
    )]
    pub url: ServerUrl,

    /// The token that the server asks for; other users of this machine see it, unless it comes by the variable
    #[arg(long, env = "ISOBLOB_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub token: Option<String>,

    /// The seconds that a request may take from its beginning to its end
    #[arg(long, value_name = "SECONDS", default_value = "3600", value_parser = seconds(1))]
    pub timeout_secs: Duration,
}

/// Where Stepflow's blobs are, under a server's URL.
const BLOBS_PATH: &str = "/api/v1/blobs";

/// Where a server's blobs are, and maybe a token for them.
///
/// ```
/// use isoblob_server::cli::ServerUrl;
///
/// for text in ["http://localhost:7837", "http://localhost:7837/", "http://localhost:7837/api/v1/blobs"] {
///     assert_eq!(text.parse::<ServerUrl>()?.to_string(), "http://localhost:7837/api/v1/blobs");
/// }
/// # Ok::<(), isoblob_server::cli::ParseServerUrlError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ServerUrl {
    blobs: BlobApiUrl,
    token: Option<String>,
}

impl ServerUrl {
    /// The URL of blobs, without the token.
    pub fn blobs(&self) -> &str {
        self.blobs.as_str()
    }

    /// How the server is spoken to.
    pub fn scheme(&self) -> Scheme {
        if self.blobs().starts_with("https:") { Scheme::Https } else { Scheme::Http }
    }

    /// The token that the URL carried.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }
}

impl FromStr for ServerUrl {
    type Err = ParseServerUrlError;

    /// # Errors
    ///
    /// The text is not the URL of a server.
    fn from_str(text: &str) -> Result<Self, ParseServerUrlError> {
        let text = text.trim_end_matches('/').trim_end_matches(BLOBS_PATH);
        let (scheme, rest) = text.split_once("://").ok_or(ParseServerUrlError::Url(ParseBlobApiUrlError::Scheme))?;
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
        let token = user.map(|user| {
            let (name, password) = user.split_once(':').unwrap_or((user, ""));
            let token = if password.is_empty() { name } else { password };
            let decoded = percent_decode_str(token).decode_utf8().map_err(|_| ParseServerUrlError::Token)?;
            Ok(decoded.into_owned())
        });
        let blobs = format!("{scheme}://{host}{path}{BLOBS_PATH}").parse().map_err(ParseServerUrlError::Url)?;
        Ok(Self { blobs, token: token.transpose()? })
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.blobs.fmt(f)
    }
}

impl fmt::Debug for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerUrl({})", self.blobs)
    }
}

/// Why a text is not the URL of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseServerUrlError {
    /// It is no URL that blobs could be under.
    #[error("{0}")]
    Url(ParseBlobApiUrlError),
    /// The token that it carries is not UTF-8.
    #[error("the token in a URL is UTF-8, percent-encoded")]
    Token,
}
