//! [`BlobApiConfig`]: who serves blobs, and under which URL.

use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::str::FromStr;

use isoblob_core::handshake::{BlobApiUrl, Capabilities};

use super::ConfigError;
use super::error::Fault;
use super::expand::expand;
use super::node::{self, Node, Setting};

/// The bytes of JSON past which Stepflow replaces a field by a reference to a blob, unless told otherwise: 1 MiB.
pub const DEFAULT_BLOB_THRESHOLD: u64 = 1 << 20;

/// The section `blobApi` of a `stepflow-config.yml`. Every other section is Stepflow's, and left alone.
///
/// | scenario | `enabled` | `url` | the runtime |
/// | --- | --- | --- | --- |
/// | local development | omitted: true | omitted | serves blobs; advertises `http://localhost:{port}/api/v1/blobs` |
/// | the orchestrator serves blobs | true or omitted | given | serves blobs; advertises the URL |
/// | a separate blob service | false | given | serves no blobs itself; advertises the URL |
///
/// In `url`, `${VAR}` is the value of an environment variable, and `${VAR:-default}` has a default for one that is not
/// set, as Stepflow's documentation describes them for plugins.
///
/// ```
/// use isoblob_server::stepflow::{BlobApiConfig, BlobService};
///
/// let config: BlobApiConfig = "
/// plugins:
///   builtin: {type: builtin}
/// blobApi:
///   enabled: false
///   url: http://blobs:7837/api/v1/blobs
///   blobThreshold: 0
/// "
/// .parse()?;
/// assert_eq!(config.service, BlobService::Elsewhere { url: "http://blobs:7837/api/v1/blobs".parse()? });
/// assert_eq!(config.blob_threshold, 0);
///
/// let error = "blobApi:\n  enabled: yes\n".parse::<BlobApiConfig>().unwrap_err();
/// assert_eq!(error.to_string(), r#"blobApi.enabled: expected true or false, found "yes", at line 2 column 12"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobApiConfig {
    /// Who serves blobs.
    pub service: BlobService,
    /// The bytes of JSON past which a field of an input or output is replaced by a reference to a blob; 0: never.
    pub blob_threshold: u64,
}

/// Who serves blobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlobService {
    /// The process that reads the configuration, which others reach under this URL, or else under its own address.
    Here {
        /// `blobApi.url`, where it is given.
        url: Option<BlobApiUrl>,
    },
    /// Another process.
    Elsewhere {
        /// `blobApi.url`, without which nobody would find it.
        url: BlobApiUrl,
    },
}

/// How a server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// In the clear.
    Http,
    /// Over TLS.
    Https,
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http",
            Self::Https => "https",
        })
    }
}

impl Default for BlobApiConfig {
    /// Local development: what an empty file says.
    fn default() -> Self {
        Self { service: BlobService::Here { url: None }, blob_threshold: DEFAULT_BLOB_THRESHOLD }
    }
}

impl BlobApiConfig {
    /// Reads the file at this path.
    ///
    /// # Errors
    ///
    /// It cannot be read, is not YAML, or has a wrong value in `blobApi`.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(Fault::Read);
        text.and_then(|text| Self::of(&text, &environment)).map_err(|fault| ConfigError::new(fault).in_file(path))
    }

    fn of(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, Fault> {
        let [enabled, url, threshold] = node::blob_api(text, ["enabled", "url", "blobThreshold"])?;
        let enabled = enabled.map(|setting| match setting.node {
            Node::Boolean(value) => Ok((value, setting.place)),
            _ => Err(setting.expected("true or false")),
        });
        // Stepflow takes null for left out in these two, and not in `enabled`.
        let given = |setting: &Setting| !matches!(setting.node, Node::Null);
        let url = url.filter(given).map(|setting| read_url(&setting, variable)).transpose()?;
        let threshold = threshold.filter(given).map(|setting| match setting.node {
            Node::Whole(bytes) => Ok(bytes),
            _ => Err(setting.expected("a whole number of bytes")),
        });
        let service = match (enabled.transpose()?, url) {
            (Some((false, _)), Some(url)) => BlobService::Elsewhere { url },
            (Some((false, place)), None) => {
                let what = "with false, blobApi.url must say where blobs are".into();
                return Err(Fault::Value { place, what });
            }
            (_, url) => BlobService::Here { url },
        };
        Ok(Self { service, blob_threshold: threshold.transpose()?.unwrap_or(DEFAULT_BLOB_THRESHOLD) })
    }

    /// The URL that component servers are told, of a process that serves at this address.
    pub fn url(&self, scheme: Scheme, bound: SocketAddr) -> BlobApiUrl {
        match &self.service {
            BlobService::Here { url: Some(url) } | BlobService::Elsewhere { url } => url.clone(),
            BlobService::Here { url: None } => own_url(scheme, bound),
        }
    }

    /// What component servers are told, by a runtime that serves at this address.
    pub fn capabilities(&self, scheme: Scheme, bound: SocketAddr) -> Capabilities {
        Capabilities { blob_api_url: Some(self.url(scheme, bound)), blob_threshold: self.blob_threshold }
    }
}

impl FromStr for BlobApiConfig {
    type Err = ConfigError;

    /// Reads the text of a file.
    ///
    /// # Errors
    ///
    /// It is not YAML, or has a wrong value in `blobApi`.
    fn from_str(text: &str) -> Result<Self, ConfigError> {
        Self::of(text, &environment).map_err(ConfigError::new)
    }
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn read_url(setting: &Setting, variable: &dyn Fn(&str) -> Option<String>) -> Result<BlobApiUrl, Fault> {
    let Node::Text(text) = &setting.node else { return Err(setting.expected("a URL")) };
    let wrong = |what: String| Fault::Value { place: setting.place.clone(), what };
    let expanded = expand(text, variable).map_err(|error| wrong(error.to_string()))?;
    expanded.parse().map_err(|error| wrong(format!("{error}; found {expanded:?}")))
}

/// The URL under which a server at this address is reached from its own machine, or, where it listens on one address
/// alone, under that.
fn own_url(scheme: Scheme, bound: SocketAddr) -> BlobApiUrl {
    let (ip, port) = (bound.ip(), bound.port());
    let host = if ip.is_loopback() || ip.is_unspecified() { format!("localhost:{port}") } else { bound.to_string() };
    format!("{scheme}://{host}/api/v1/blobs").parse().expect("an address makes a URL")
}

#[cfg(test)]
mod tests;
