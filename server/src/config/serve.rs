//! [`ServeArgs`]: the settings of `isoblob serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use isoblob_core::handshake::BlobApiUrl;

use super::{AccessArgs, LimitArgs, LogArgs};
use crate::auth::Access;
use crate::http::HttpConfig;
use crate::serve::{ServeConfig, TlsConfig};
use crate::stepflow::{BlobApiConfig, BlobService, ConfigError};
use crate::store::StoreLocation;

/// The settings of `isoblob serve`.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    /// The address and port to listen on; port 0 takes a free one
    ///
    /// HTTP and gRPC share it. On any other address than a loopback one, requests need tokens.
    #[arg(long, env = "ISOBLOB_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:7837")]
    pub listen: SocketAddr,

    /// Where blobs are kept: a directory, which is made if it is missing; `memory:`; or a Stepflow orchestrator's own store
    ///
    /// That is `stepflow+sqlite:PATH`, `stepflow+postgres://…` or `stepflow+file:DIR`: `stepflow+` and what the
    /// orchestrator's `storageConfig` says (releases 0.10 to 0.13). Both may run at once. A SQLite database that is not
    /// there is made only where the URL ends with `?mode=rwc`.
    #[arg(
        long,
        env = "ISOBLOB_STORE",
        value_name = "DIR|URL",
        default_value = "./isoblob-data",
        hide_env_values = true
    )]
    pub store: StoreLocation,

    /// A stepflow-config.yml, whose `blobApi` says under which URL these blobs are reached; the rest is left alone
    #[arg(long, env = "ISOBLOB_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// A YAML file of these settings, such as `max-body-bytes: 1000`
    ///
    /// It has the names of the flags, without the dashes, and lists for those that may be given again.
    #[arg(long, env = "ISOBLOB_SETTINGS", value_name = "FILE")]
    pub settings: Option<PathBuf>,

    /// Who may reach the server.
    #[command(flatten)]
    pub access: AccessArgs,

    /// How much a client may ask for.
    #[command(flatten)]
    pub limits: LimitArgs,

    /// What the server says of itself.
    #[command(flatten)]
    pub log: LogArgs,
}

impl ServeArgs {
    /// What the file of `--config` says of blobs; without one, local development.
    ///
    /// # Errors
    ///
    /// The file cannot be used, or says that another process serves blobs.
    pub fn blob_api(&self) -> Result<BlobApiConfig, ServeConfigError> {
        let Some(file) = &self.config else { return Ok(BlobApiConfig::default()) };
        let blob_api = BlobApiConfig::read(file)?;
        match &blob_api.service {
            BlobService::Here { .. } => Ok(blob_api),
            BlobService::Elsewhere { url } => Err(ServeConfigError::Elsewhere { file: file.clone(), url: url.clone() }),
        }
    }

    /// The settings of requests, of a server that listens at this address.
    pub fn http(&self, bound: SocketAddr, access: Access) -> HttpConfig {
        HttpConfig {
            max_body_bytes: self.limits.max_body_bytes,
            max_binary_bytes: self.limits.max_binary_bytes,
            memory_bytes: self.limits.memory_bytes,
            max_requests: self.limits.max_requests,
            max_requests_per_second: self.limits.max_requests_per_second,
            body_idle_timeout: self.limits.body_idle_timeout_secs,
            host_policy: self.access.host_policy(bound),
            allowed_origins: self.access.allowed_origins(),
            access,
        }
    }

    /// The settings of connections.
    pub fn connections(&self, tls: Option<TlsConfig>) -> ServeConfig {
        ServeConfig {
            max_connections: self.limits.max_connections,
            header_timeout: self.limits.header_timeout_secs,
            send_idle_timeout: self.limits.send_idle_timeout_secs,
            drain_timeout: self.limits.drain_timeout_secs,
            tls,
            ..ServeConfig::default()
        }
    }
}

/// Why `isoblob serve` cannot follow its `--config`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeConfigError {
    /// It cannot be used.
    #[error(transparent)]
    File(#[from] ConfigError),
    /// It says that another process serves blobs.
    #[error(
        "{}: blobApi.enabled is false, so who follows this file serves no blobs, and finds them at {url}; \
        the service that has them there starts without --config", .file.display()
    )]
    Elsewhere {
        /// The file.
        file: PathBuf,
        /// Where blobs are.
        url: BlobApiUrl,
    },
}
