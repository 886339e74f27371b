//! What every request passes on its way in and every answer on its way out: its id, the guard, the log, compression.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use axum::body::HttpBody as _;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tracing::Instrument as _;

use super::admission::admit;
use super::coding::Coding;
use super::error::{Cause, Reason};
use super::request_id::X_REQUEST_ID;
use super::{AppState, body, rate};
use crate::auth::Access;
use crate::metrics::{RequestLabels, counted, counted_ahead};
use crate::telemetry::RequestSpan;

/// Other origins may not embed an answer either.
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The middleware around every route.
pub async fn pass(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let id = state.request_ids().of(request.headers());
    let coding = Coding::accepted(request.headers());
    let (method, uri, client) = (request.method().clone(), request.uri().clone(), rate::client(request.extensions()));
    let route = request.extensions().get().map(|route: &MatchedPath| route.as_str().to_owned());
    let span = RequestSpan::http(&method, uri.path(), route.as_deref(), &id, request.headers());
    let metrics = state.metrics();
    let request = request.map(|body| counted(body, &metrics.received_bytes));
    let mut response = match admit(&state, &request) {
        Ok(_permit) => next.run(request).instrument(span.span()).await,
        Err(error) => body::refuse(request, error).into_response(),
    };
    let taken = start.elapsed();
    span.answered(response.status());
    metrics.answered(&RequestLabels::http(&method, route, response.status()), taken);
    if let Some(reason) = response.extensions().get::<Reason>() {
        metrics.rejected(reason.as_str());
    }
    log(&method, &uri, client, &response, taken, &id);
    if let Some(coding) = coding {
        response = coding.compress(response);
    }
    let headers = response.headers_mut();
    headers.insert(X_REQUEST_ID, id);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    if matches!(state.config().access, Access::Tokens(_)) {
        keep_private(headers);
    }
    response.map(|body| counted_ahead(body, &metrics.sent_bytes))
}

/// What needs a token may not be handed out by a cache that others share.
fn keep_private(headers: &mut HeaderMap) {
    let rest = headers.get(CACHE_CONTROL).and_then(|value| value.to_str().ok()?.strip_prefix("public"));
    if let Some(rest) = rest {
        let value = HeaderValue::try_from(format!("private{rest}")).expect("what came from a header can go there");
        headers.insert(CACHE_CONTROL, value);
    }
}

fn log(method: &Method, uri: &Uri, client: IpAddr, response: &Response, taken: Duration, id: &HeaderValue) {
    let id = id.to_str().unwrap_or_default();
    if let Some(Cause(cause)) = response.extensions().get() {
        tracing::error!(request = id, cause = &**cause as &(dyn std::error::Error + 'static), "request failed");
    }
    tracing::info!(
        target: "isoblob::access",
        %method,
        path = uri.path(),
        status = response.status().as_u16(),
        bytes = response.body().size_hint().exact(),
        ms = millis(taken),
        %client,
        request = id,
    );
}

/// Milliseconds, to the microsecond.
pub fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
