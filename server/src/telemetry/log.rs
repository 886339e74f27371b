//! The log: lines on standard error.

use std::io;

use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::registry::LookupSpan;

use super::TRACES;
use crate::config::LogFormat;

/// Writes what the filter lets through: a level, or targets with levels, such as `info,isoblob::access=off`.
pub fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(filter: Targets, format: LogFormat) -> impl Layer<S> {
    use std::io::IsTerminal as _;

    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let lines = match format {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    lines.with_filter(filter.with_target(TRACES, LevelFilter::OFF))
}
