//! [`admit`]: which requests get as far as a handler.

use axum::extract::Request;
use tokio::sync::SemaphorePermit;

use super::error::{ApiError, Reason};
use super::{AppState, guard, rate};
use crate::auth::is_health;

/// Lets a request in, or says why not. What it returns is kept as long as the request is under way.
///
/// A request about the health of the process passes the limits, so that a server that is busy is not taken for dead.
pub fn admit<'state>(state: &'state AppState, request: &Request) -> Result<Option<SemaphorePermit<'state>>, ApiError> {
    let config = state.config();
    guard::check(request, &config.host_policy, &config.allowed_origins)?;
    if is_health(request.uri().path()) {
        return Ok(None);
    }
    if let Some(limit) = state.rate_limit() {
        limit.admit(rate::client(request.extensions())).map_err(|retry_after_secs| {
            ApiError::new(Reason::RateLimited { retry_after_secs }, "this client sends requests too fast")
        })?;
    }
    config.access.check(request)?;
    let permit = state.requests().try_acquire();
    permit.map(Some).map_err(|_| ApiError::new(Reason::Overloaded, "the server has as many requests as it can take"))
}
