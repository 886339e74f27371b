//! `/api/v1/batch`: many blobs with one request, at most [`MAX_BATCH_BLOBS`](isoblob_core::MAX_BATCH_BLOBS).

mod get;
mod missing;
mod put;

use axum::extract::Request;
use isoblob_core::{BatchIdsRequest, BlobId, Limits};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::buffer::Buffer;
use super::error::ApiError;
use super::memory::Reservation;
use super::{AppState, body};
use crate::compute::compute;

/// The blobs of one request that are looked for at once.
const READS_AT_ONCE: usize = 16;

/// The routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get::get)).routes(routes!(missing::missing)).routes(routes!(put::put))
}

/// Reads a request's body, which must be JSON.
async fn read(state: &AppState, request: Request, memory: &mut Reservation) -> Result<(Buffer, Limits), ApiError> {
    if !body::media_type(request.headers()).eq_ignore_ascii_case(b"application/json") {
        let error = body::unsupported(request.headers(), "a batch is of application/json");
        return Err(body::refuse(request, error));
    }
    let (parts, body) = request.into_parts();
    let limits = Limits { max_text_bytes: state.config().max_body_bytes };
    Ok((body::read(&parts.headers, body, state.config(), memory).await?, limits))
}

async fn read_ids(state: &AppState, request: Request) -> Result<Vec<BlobId>, ApiError> {
    let (bytes, limits) = read(state, request, &mut state.reservation()).await?;
    let request = compute(bytes.len(), move || BatchIdsRequest::parse(&bytes, limits)).await??;
    Ok(request.blob_ids)
}
