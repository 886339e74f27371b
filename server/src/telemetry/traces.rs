//! [`Traces`]: spans of requests, sent to an OpenTelemetry collector.

use std::str::FromStr;
use std::time::Duration;

use axum::http::Uri;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry::{KeyValue, global};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::registry::LookupSpan;

use super::TRACES;
use super::client::OtlpClient;

/// The variables by which OpenTelemetry names a collector.
const ENDPOINT_VARIABLES: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/// Where a collector takes traces, under its URL.
const TRACES_PATH: &str = "/v1/traces";

/// How long the last spans have to be sent, at the end.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// The spans of this process on their way to a collector.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Sends spans to this collector, or to the one that OpenTelemetry's variables name; `None` where there is none.
    pub(super) fn start(endpoint: Option<&OtlpEndpoint>) -> Result<Option<Self>, TraceError> {
        let is_named = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        if endpoint.is_none() && !ENDPOINT_VARIABLES.into_iter().any(is_named) {
            return Ok(None);
        }
        let exporter = SpanExporter::builder().with_http().with_http_client(OtlpClient::default());
        let exporter = match endpoint {
            Some(OtlpEndpoint(url)) => exporter.with_endpoint(format!("{url}{TRACES_PATH}")),
            None => exporter,
        };
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter.build()?).with_resource(resource());
        global::set_text_map_propagator(TraceContextPropagator::new());
        Ok(Some(Self(provider.build())))
    }

    pub(super) fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(&self) -> impl Layer<S> + use<S> {
        let layer = tracing_opentelemetry::layer().with_tracer(self.0.tracer("isoblob"));
        layer.with_filter(Targets::new().with_target(TRACES, LevelFilter::INFO))
    }

    /// Sends what is left, and ends.
    pub fn end(self) {
        if let Err(error) = self.0.shutdown_with_timeout(FLUSH_TIMEOUT) {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// What OpenTelemetry's variables say of this process, and what they leave out.
fn resource() -> Resource {
    let detected = Resource::builder().build();
    let is_named =
        detected.get(&"service.name".into()).is_some_and(|name| !name.as_str().starts_with("unknown_service"));
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let resource = Resource::builder().with_attribute(version);
    if is_named { resource.build() } else { resource.with_service_name("isoblob").build() }
}

/// The URL of a collector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtlpEndpoint(String);

impl FromStr for OtlpEndpoint {
    type Err = ParseOtlpEndpointError;

    /// # Errors
    ///
    /// The text is not the URL of a host.
    fn from_str(text: &str) -> Result<Self, ParseOtlpEndpointError> {
        let url: Uri = text.parse().map_err(|_| ParseOtlpEndpointError(()))?;
        let is_url = matches!(url.scheme_str(), Some("http" | "https")) && url.query().is_none();
        if is_url { Ok(Self(text.trim_end_matches('/').into())) } else { Err(ParseOtlpEndpointError(())) }
    }
}

/// A text that is not the URL of a collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a collector's URL begins with http:// or https:// and names a host")]
pub struct ParseOtlpEndpointError(());

/// Why traces cannot be sent.
#[derive(Debug, thiserror::Error)]
#[error("traces cannot be sent to the collector that is named")]
pub struct TraceError(#[from] ExporterBuildError);
