//! What every call passes on its way in and every answer on its way out: its id, the guard, the log.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use tracing::Instrument as _;

use super::body::nothing_held;
use super::status::settle;
use crate::http::admission::admit;
use crate::http::door::millis;
use crate::http::request_id::X_REQUEST_ID;
use crate::http::{AppState, rate};
use crate::metrics::{RequestLabels, counted, counted_ahead};
use crate::telemetry::RequestSpan;

/// The middleware around every service.
pub async fn pass(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let start = Instant::now();
    let id = state.request_ids().of(request.headers());
    let (path, client) = (request.uri().path().to_owned(), rate::client(request.extensions()));
    let span = RequestSpan::grpc(&path, &id, request.headers());
    let metrics = state.metrics();
    let memory = nothing_held(&state);
    request.extensions_mut().insert(Arc::clone(&memory));
    let request = request.map(|body| counted(body, &metrics.received_bytes));
    let mut response = match admit(&state, &request) {
        Ok(_permit) => next.run(request).instrument(span.span()).await,
        Err(error) => Status::from(error).into_http(),
    };
    let mut code = Code::Ok;
    // An answer without a message, which is one that refuses.
    if let Some(status) = response.extensions_mut().remove::<Status>() {
        let status = settle(status, state.config().max_body_bytes);
        code = status.code();
        if let Some(info) = status.get_details_error_info() {
            metrics.rejected(info.reason.to_ascii_lowercase());
        }
        if let Some(cause) = status.source() {
            tracing::error!(request = id.to_str().unwrap_or_default(), cause, "request failed");
        }
        response = status.into_http();
    }
    let taken = start.elapsed();
    span.called(code);
    metrics.answered(&RequestLabels::grpc(&path, code), taken);
    tracing::info!(
        target: "isoblob::access",
        method = "gRPC",
        path,
        status = ?code,
        ms = millis(taken),
        %client,
        request = id.to_str().unwrap_or_default(),
    );
    response.headers_mut().insert(X_REQUEST_ID, id);
    response.map(|body| counted_ahead(body, &metrics.sent_bytes))
}
