//! [`CallArgs`]: the command line of `isoblob call`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use isoblob_core::handshake::BlobApiUrl;
use tracing_subscriber::filter::Targets;

use super::{Input, WorkerUrl};
use crate::config::seconds;
use crate::store::StoreLocation;

/// The settings of `isoblob call`. A flag goes before the file of `--config`.
#[derive(Args, Clone, Debug)]
pub struct CallArgs {
    /// The URL of the component server, as in `url` of a Stepflow plugin; it is spoken to over plain HTTP
    pub worker_url: WorkerUrl,

    /// The component, as its server names it, such as /store
    pub component: String,

    /// The component's input: JSON, or @FILE, or - for standard input
    #[arg(long, short, value_name = "JSON|@FILE|-", default_value = "{}")]
    pub input: Input,

    /// A stepflow-config.yml, whose `blobApi` says where blobs are; without a URL there, this process serves them
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// The URL of the blobs that the component server is told
    #[arg(long, value_name = "URL")]
    pub blob_api_url: Option<BlobApiUrl>,

    /// The bytes of JSON past which the component server replaces a field of the output by a reference to a blob; 0:
    /// never. The default is 1 MiB, as in Stepflow
    #[arg(long, value_name = "BYTES")]
    pub blob_threshold: Option<u64>,

    /// Serve blobs on a free loopback port as long as the call takes, and tell the component server that URL
    #[arg(long, conflicts_with = "blob_api_url")]
    pub serve: bool,

    /// Where the blobs of --serve are kept, as for `isoblob serve`
    #[arg(long, value_name = "DIR|URL", default_value = "memory:", requires = "serve")]
    pub store: StoreLocation,

    /// The seconds that the component server has for each answer
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = seconds(1))]
    pub timeout_secs: Duration,

    /// What to log: off, error, warn, info, debug or trace, also by target
    #[arg(long, env = "ISOBLOB_LOG", value_name = "FILTER", default_value = "warn")]
    pub log: Targets,
}
