//! What the process says of itself as it runs: [`start`] begins its log and, where there is a collector, its traces.

mod client;
mod log;
mod span;
mod traces;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{LogArgs, LogFormat};

pub(crate) use span::RequestSpan;
pub use traces::{OtlpEndpoint, ParseOtlpEndpointError, TraceError, Traces};

/// The target of spans, which go to the collector and not to the log.
pub(crate) const TRACES: &str = "isoblob::traces";

/// Starts the log of this process.
pub fn start_log(filter: Targets) {
    tracing_subscriber::registry().with(log::layer(filter, LogFormat::Text)).init();
}

/// Starts the log of this process, and its traces where a collector is named. What it returns ends them.
///
/// # Errors
///
/// The collector's address cannot be used.
pub fn start(args: &LogArgs) -> Result<Option<Traces>, TraceError> {
    let traces = Traces::start(args.otlp_endpoint.as_ref())?;
    let log = tracing_subscriber::registry().with(log::layer(args.log.clone(), args.log_format));
    match &traces {
        Some(traces) => log.with(traces.layer()).init(),
        // Not with a layer that is `None`, for which spans would be made.
        None => log.init(),
    }
    Ok(traces)
}
