//! [`LimitArgs`]: how much a client may ask for, and how long it may take.

use std::num::NonZeroU32;
use std::time::Duration;

use clap::Args;

use super::seconds;
use crate::http::HttpConfig;
use crate::serve::ServeConfig;
use crate::store::DEFAULT_CACHE_BYTES;

/// The limits of `isoblob serve`.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// The most bytes of a request's body; a longer one is refused with 413. The default is 256 MiB
    ///
    /// A message of gRPC has the same limit.
    #[arg(long, env = "ISOBLOB_MAX_BODY_BYTES", value_name = "BYTES", default_value_t = HttpConfig::default().max_body_bytes)]
    pub max_body_bytes: usize,

    /// The most bytes of a binary blob that is stored piece by piece; a longer one is refused with 413. The default is
    /// 16 GiB
    ///
    /// The embedded store takes them so. For the others, --max-body-bytes goes for all.
    #[arg(long, env = "ISOBLOB_MAX_BINARY_BYTES", value_name = "BYTES", default_value_t = HttpConfig::default().max_binary_bytes)]
    pub max_binary_bytes: u64,

    /// The bytes of memory that requests may take together for blobs. The default is 1 GiB
    ///
    /// JSON takes three times its size, a binary blob that is stored piece by piece 512 KiB; the first 64 KiB of each
    /// request are not counted. A request that finds no memory waits 10 seconds for it, and is then refused with 503
    /// and `Retry-After`.
    #[arg(long, env = "ISOBLOB_MEMORY_BYTES", value_name = "BYTES", default_value_t = HttpConfig::default().memory_bytes)]
    pub memory_bytes: u64,

    /// The bytes of memory for blobs that are read again and again. The default is 64 MiB; 0 keeps none
    ///
    /// The embedded store has them, of blobs up to 256 KiB each. The others do not, as who else writes to them may
    /// better the type of a blob at any time.
    #[arg(long, env = "ISOBLOB_CACHE_BYTES", value_name = "BYTES", default_value_t = DEFAULT_CACHE_BYTES)]
    pub cache_bytes: u64,

    /// The most connections at once; more wait to be taken until one ends
    #[arg(
        long, env = "ISOBLOB_MAX_CONNECTIONS", value_name = "COUNT",
        default_value_t = ServeConfig::default().max_connections, value_parser = count()
    )]
    pub max_connections: u32,

    /// The most requests at once; more are refused with 503 and `Retry-After`
    #[arg(
        long, env = "ISOBLOB_MAX_REQUESTS", value_name = "COUNT",
        default_value_t = HttpConfig::default().max_requests, value_parser = count()
    )]
    pub max_requests: u32,

    /// The most requests per second from one client's address, an IPv6 one counting with its /64 network; more are
    /// refused with 429 and `Retry-After`. As many may come at once. Without it there is no such limit
    ///
    /// Behind a proxy all clients have its address.
    #[arg(long, env = "ISOBLOB_MAX_REQUESTS_PER_SECOND", value_name = "COUNT")]
    pub max_requests_per_second: Option<NonZeroU32>,

    /// The seconds that a connection may take for its TLS handshake and for each request's head, and lie idle between
    /// two requests
    #[arg(
        long, env = "ISOBLOB_HEADER_TIMEOUT_SECS", value_name = "SECONDS", default_value = "60",
        value_parser = seconds(1)
    )]
    pub header_timeout_secs: Duration,

    /// The seconds that a request's body may bring nothing; then it is refused with 408
    #[arg(
        long, env = "ISOBLOB_BODY_IDLE_TIMEOUT_SECS", value_name = "SECONDS", default_value = "30",
        value_parser = seconds(1)
    )]
    pub body_idle_timeout_secs: Duration,

    /// The seconds that a client may take nothing of what it is sent; then its connection is closed
    #[arg(
        long, env = "ISOBLOB_SEND_IDLE_TIMEOUT_SECS", value_name = "SECONDS", default_value = "30",
        value_parser = seconds(1)
    )]
    pub send_idle_timeout_secs: Duration,

    /// The seconds that requests under way have to end, once the server is told to
    #[arg(
        long, env = "ISOBLOB_DRAIN_TIMEOUT_SECS", value_name = "SECONDS", default_value = "20",
        value_parser = seconds(0)
    )]
    pub drain_timeout_secs: Duration,
}

fn count() -> impl clap::builder::TypedValueParser<Value = u32> {
    clap::value_parser!(u32).range(1..=1_000_000)
}
