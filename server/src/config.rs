//! The command line, which is the configuration: every flag can also be an environment variable.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::TypedValueParser as _;
use clap::{Args, Parser, Subcommand};
use isoblob_core::handshake::BlobApiUrl;
use tracing_subscriber::filter::Targets;

use crate::call::CallArgs;
use crate::http::{HostPolicy, HttpConfig};
use crate::stepflow::{BlobApiConfig, BlobService, ConfigError};
use crate::store::StoreLocation;

/// Content-addressed storage for JSON: the same data has the same id, and whoever reads it can check it.
#[derive(Debug, Parser)]
#[command(name = "isoblob", version, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve blobs over HTTP and gRPC, with a page to store and open them
    ///
    /// Prints one line on standard output once it accepts connections, and logs to standard error. SIGTERM or SIGINT
    /// ends it: it takes no more connections, finishes what is under way, and exits with 0.
    Serve(ServeArgs),

    /// Call a component of a Stepflow component server, as the runtime does
    ///
    /// Initializes the component server, tells it where blobs are, executes the component, and prints its output. Ends
    /// with 3 where the component server cannot be reached or does not speak the protocol, and with 4 where the
    /// component failed.
    Call(CallArgs),
}

/// The settings of `isoblob serve`. A flag goes before the environment, the environment before the default.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    /// The address and port to listen on; port 0 takes a free one
    ///
    /// On a loopback address, only requests that name localhost or a loopback address as their host are answered. On
    /// any other address, whoever can reach it can read and write blobs.
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

    /// The most bytes of a request's body; a longer one is refused with 413. The default is 256 MiB
    ///
    /// A message of gRPC has the same limit.
    #[arg(long, env = "ISOBLOB_MAX_BODY_BYTES", value_name = "BYTES", default_value_t = HttpConfig::default().max_body_bytes)]
    pub max_body_bytes: usize,

    /// The seconds that a request's body may bring nothing; then it is refused with 408
    #[arg(
        long, env = "ISOBLOB_BODY_IDLE_TIMEOUT_SECS", value_name = "SECONDS", default_value = "30",
        value_parser = seconds(1)
    )]
    pub body_idle_timeout_secs: Duration,

    /// The seconds that requests under way have to end, once the server is told to
    #[arg(
        long, env = "ISOBLOB_DRAIN_TIMEOUT_SECS", value_name = "SECONDS", default_value = "20",
        value_parser = seconds(0)
    )]
    pub drain_timeout_secs: Duration,

    /// What to log: off, error, warn, info, debug or trace, also by target
    ///
    /// `info,isoblob::access=off` leaves out the line that each request has.
    #[arg(long, env = "ISOBLOB_LOG", value_name = "FILTER", default_value = "info")]
    pub log: Targets,
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

    /// The settings of the HTTP side.
    pub fn http(&self, bound: SocketAddr) -> HttpConfig {
        HttpConfig {
            max_body_bytes: self.max_body_bytes,
            body_idle_timeout: self.body_idle_timeout_secs,
            host_policy: HostPolicy::of(bound),
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

/// Whole seconds, up to a day.
pub(crate) fn seconds(least: u64) -> impl clap::builder::TypedValueParser<Value = Duration> {
    clap::value_parser!(u64).range(least..=24 * 60 * 60).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_flag_is_documented_and_has_a_variable_of_its_name() {
        let mut cli = Cli::command();
        cli.build();
        let serve = cli.find_subcommand("serve").expect("serve");
        for flag in serve.get_arguments().filter(|flag| !["help", "version"].contains(&flag.get_id().as_str())) {
            let name = flag.get_id().as_str();
            assert!(flag.get_help().is_some_and(|help| !help.to_string().is_empty()), "{name}");
            let variable = flag.get_env().map(|name| name.to_string_lossy().into_owned());
            assert_eq!(variable, Some(format!("ISOBLOB_{}", name.to_uppercase())));
        }
    }

    #[test]
    fn a_wrong_setting_is_refused_with_its_name() {
        let rows = [
            (["--listen", "7837"], "--listen <ADDRESS>"),
            (["--store", "s3://bucket"], "--store <DIR|URL>"),
            (["--max-body-bytes", "1k"], "--max-body-bytes <BYTES>"),
            (["--body-idle-timeout-secs", "0"], "--body-idle-timeout-secs <SECONDS>"),
            (["--drain-timeout-secs", "-1"], "--drain-timeout-secs <SECONDS>"),
            (["--log", "isoblob=loud"], "--log <FILTER>"),
        ];
        for ([flag, value], name) in rows {
            let flag = format!("{flag}={value}");
            let error = Cli::try_parse_from(["isoblob", "serve", &flag]).expect_err(&flag).to_string();
            assert!(error.contains(&format!("for '{name}'")), "{error}");
        }
    }
}
