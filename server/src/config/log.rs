//! [`LogArgs`]: what the server says of itself.

use clap::{Args, ValueEnum};
use tracing_subscriber::filter::Targets;

use crate::telemetry::OtlpEndpoint;

/// The log and the traces of `isoblob serve`.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Log and traces")]
pub struct LogArgs {
    /// What to log: off, error, warn, info, debug or trace, also by target
    ///
    /// `info,isoblob::access=off` leaves out the line that each request has.
    #[arg(long, env = "ISOBLOB_LOG", value_name = "FILTER", default_value = "info")]
    pub log: Targets,

    /// How a line of the log is written
    #[arg(long, env = "ISOBLOB_LOG_FORMAT", value_enum, value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,

    /// The URL of an OpenTelemetry collector, to which a trace of each request is sent by OTLP, as protobuf over HTTP,
    /// under its path /v1/traces. Without it no traces are made
    ///
    /// Where it is not given, OpenTelemetry's own `OTEL_EXPORTER_OTLP_ENDPOINT` or
    /// `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` say it. The rest of OpenTelemetry's variables, such as `OTEL_SERVICE_NAME`,
    /// `OTEL_TRACES_SAMPLER` and `OTEL_EXPORTER_OTLP_HEADERS`, hold in either case.
    #[arg(long, env = "ISOBLOB_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<OtlpEndpoint>,
}

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// A time, a level, a target and a sentence, for people
    #[default]
    Text,
    /// One JSON object, for machines
    Json,
}
