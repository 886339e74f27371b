//! What every call passes on its way in and every answer on its way out: its id, the guard, the log.

use std::error::Error as _;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tonic::{Code, Status};

use super::status::settle;
use crate::http::AppState;
use crate::http::admission::admit;
use crate::http::request_id::X_REQUEST_ID;

/// The middleware around every service.
pub async fn pass(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let id = state.request_ids().of(request.headers());
    let path = request.uri().path().to_owned();
    let mut response = match admit(&state, &request) {
        Ok(_permit) => next.run(request).await,
        Err(error) => Status::from(error).into_http(),
    };
    let mut code = Code::Ok;
    // An answer without a message, which is one that refuses.
    if let Some(status) = response.extensions_mut().remove::<Status>() {
        let status = settle(status, state.config().max_body_bytes);
        code = status.code();
        if let Some(cause) = status.source() {
            tracing::error!(request = id.to_str().unwrap_or_default(), cause, "request failed");
        }
        response = status.into_http();
    }
    tracing::info!(
        target: "isoblob::access",
        "gRPC {path} {code:?} {:.1} ms {}",
        start.elapsed().as_secs_f64() * 1e3,
        id.to_str().unwrap_or_default(),
    );
    response.headers_mut().insert(X_REQUEST_ID, id);
    response
}
