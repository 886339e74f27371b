//! [`RequestSpan`]: a request, as its trace tells of it.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use opentelemetry::global;
use opentelemetry_http::HeaderExtractor;
use tonic::Code;
use tracing::Span;
use tracing::field::{Empty, display};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::TRACES;

/// The span of a request, which continues the trace that the request's `traceparent` names (W3C Trace Context). It has
/// the attributes of OpenTelemetry's semantic conventions. Where there are no traces it is nothing.
pub struct RequestSpan(Span);

impl RequestSpan {
    /// Of a request by HTTP, to a route as it is written in the program.
    pub fn http(method: &Method, path: &str, route: Option<&str>, id: &HeaderValue, headers: &HeaderMap) -> Self {
        let span = tracing::info_span!(
            target: TRACES, "request", otel.name = Empty, otel.kind = "server", otel.status_code = Empty,
            http.request.method = %method, http.response.status_code = Empty, url.path = path, http.route = route,
            isoblob.request_id = id.to_str().ok(),
        );
        if !span.is_disabled() {
            span.record("otel.name", display(format_args!("{method} {}", route.unwrap_or_default())));
        }
        Self(span).of_trace(headers)
    }

    /// Of a call by gRPC.
    pub fn grpc(path: &str, id: &HeaderValue, headers: &HeaderMap) -> Self {
        let path = path.trim_start_matches('/');
        let span = tracing::info_span!(
            target: TRACES, "call", otel.name = path, otel.kind = "server", otel.status_code = Empty,
            rpc.system = "grpc", rpc.method = path, rpc.grpc.status_code = Empty, isoblob.request_id = id.to_str().ok(),
        );
        Self(span).of_trace(headers)
    }

    fn of_trace(self, headers: &HeaderMap) -> Self {
        if !self.0.is_disabled() {
            let context = global::get_text_map_propagator(|propagator| propagator.extract(&HeaderExtractor(headers)));
            // Only a span that is no span has no parent to set.
            let _ = self.0.set_parent(context);
        }
        self
    }

    /// What happens in it.
    pub fn span(&self) -> Span {
        self.0.clone()
    }

    /// Ends it with the status of an answer.
    pub fn answered(&self, status: StatusCode) {
        self.0.record("http.response.status_code", status.as_u16());
        if status.is_server_error() {
            self.0.record("otel.status_code", "ERROR");
        }
    }

    /// Ends it with the code of a call.
    pub fn called(&self, code: Code) {
        self.0.record("rpc.grpc.status_code", i32::from(code));
        if matches!(code, Code::Unknown | Code::DeadlineExceeded | Code::Internal | Code::Unavailable | Code::DataLoss)
        {
            self.0.record("otel.status_code", "ERROR");
        }
    }
}
