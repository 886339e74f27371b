//! `GET /metrics`: what the server counts, as Prometheus reads it.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;

use super::AppState;

/// The text format of `OpenMetrics`, which Prometheus and its like read.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Gets what the server counts
///
/// As Prometheus reads it.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "getMetrics",
    tag = "server",
    responses((
        status = 200, description = "The metrics.", body = String,
        content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8",
    )),
)]
pub async fn metrics(State(state): State<AppState>) -> impl IntoResponse {
    let metrics = state.metrics();
    metrics.requests_in_progress.set(state.requests_in_progress());
    ([(CONTENT_TYPE, OPENMETRICS), (CACHE_CONTROL, "no-store")], metrics.to_text())
}
