//! `/livez`: the process answers. `/readyz`: it should be sent requests.

use axum::extract::State;

use super::AppState;
use super::error::{ApiError, Reason};

/// Whether the process answers
#[utoipa::path(
    get,
    path = "/livez",
    operation_id = "live",
    tag = "server",
    responses((status = 200, description = "It does.", body = String, content_type = "text/plain")),
)]
pub async fn live() -> &'static str {
    "live\n"
}

/// Whether the server should be sent requests
///
/// Not while it is shutting down, nor while its store cannot be used.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "ready",
    tag = "server",
    responses((status = 200, description = "It should.", body = String, content_type = "text/plain")),
    extensions(("x-reasons" = json!(["not_ready"]))),
)]
pub async fn ready(State(state): State<AppState>) -> Result<&'static str, ApiError> {
    if state.is_draining() {
        return Err(ApiError::new(Reason::NotReady, "the server is shutting down"));
    }
    let health = state.store().health().await;
    health.map_err(|error| ApiError::new(Reason::NotReady, "the store cannot be used").because(error))?;
    Ok("ready\n")
}
