//! `POST /api/v1/batch/put`: stores many blobs, each by itself.

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use futures_util::future::join_all;
use isoblob_core::{BatchPutRequest, BlobId, Error, PutRequest};
use serde::Serialize;

use super::read;
use crate::compute::compute;
use crate::http::AppState;
use crate::http::blobs::filename_of;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::openapi::schema;
use crate::store::Store;

/// The answer, in the order of the request.
#[derive(Debug, Serialize)]
pub struct Outcomes<'a> {
    blobs: Vec<Outcome<'a>>,
}

/// What became of one put.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Outcome<'a> {
    /// It is durable.
    BlobId(BlobId),
    /// It is not stored, with the error that it would have had alone.
    Error(ErrorBody<'a>),
}

/// Stores many blobs
///
/// Each is stored, or refused with an error of its own, as if it had been sent alone: positions count from the first
/// byte of its `data`. The answer is in the order of the request.
#[utoipa::path(
    post,
    path = "/api/v1/batch/put",
    operation_id = "putBlobs",
    tag = "batch",
    request_body = schema::BatchPutRequest,
    responses((status = 200, description = "What became of each.", body = schema::BatchPutResponse)),
)]
pub async fn put(State(state): State<AppState>, request: Request) -> Result<Response, ApiError> {
    let mut memory = state.reservation();
    let (bytes, limits) = read(&state, request, &mut memory).await?;
    let request = compute(bytes.len(), move || BatchPutRequest::parse(&bytes, limits)).await??;
    // They are under way together, so that they share the store's syncs.
    let mut results = join_all(request.blobs.into_iter().map(|put| store(state.store(), put))).await;
    let cause = results.iter_mut().find_map(|result| result.as_mut().err()?.cause.take());
    let blobs = results.iter().map(|result| match result {
        Ok(id) => Outcome::BlobId(*id),
        Err(error) => Outcome::Error(error.body()),
    });
    let mut response = Json(Outcomes { blobs: blobs.collect() }).into_response();
    if let Some(cause) = cause {
        response.extensions_mut().insert(cause);
    }
    Ok(response)
}

async fn store(store: &dyn Store, put: Result<PutRequest, Error>) -> Result<BlobId, ApiError> {
    let PutRequest { blob, filename } = put?;
    let filename = filename_of(filename)?;
    let id = blob.id();
    store.put(blob, filename).await?;
    Ok(id)
}
