//! `/livez`: the process answers. `/readyz`: it should be sent requests.

use axum::extract::State;

use super::AppState;
use super::error::{ApiError, Reason};

/// `GET /livez`.
pub async fn live() -> &'static str {
    "live\n"
}

/// `GET /readyz`: 503 while the server drains, and while its store cannot be used.
pub async fn ready(State(state): State<AppState>) -> Result<&'static str, ApiError> {
    if state.is_draining() {
        return Err(ApiError::new(Reason::NotReady, "the server is shutting down"));
    }
    let health = state.store().health().await;
    health.map_err(|error| ApiError::new(Reason::NotReady, "the store cannot be used").because(error))?;
    Ok("ready\n")
}
