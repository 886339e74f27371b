//! `POST /api/v1/batch/get`: many blobs, each in its envelope.

use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, VARY};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{StreamExt as _, iter};
use isoblob_core::BlobId;
use serde::Serialize;

use super::{READS_AT_ONCE, read_ids};
use crate::http::AppState;
use crate::http::blobs::envelope;
use crate::http::error::{ApiError, ErrorBody, Reason};
use crate::http::memory::JSON_FACTOR;
use crate::http::openapi::schema;
use crate::store::{Store, StoredBlob};

/// The most bytes of blobs that are answered together, 32 MiB. What does not fit is answered with an error that says so.
pub const MAX_BATCH_GET_BYTES: u64 = 32 << 20;

/// What is answered in place of a blob that cannot be.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refused<'a> {
    blob_id: BlobId,
    error: ErrorBody<'a>,
}

/// Gets many blobs
///
/// Each is answered in its envelope, or with an error of its own, in the order of the request. Together they may have
/// 32 MiB; those that do not fit are refused as `batch_full`.
#[utoipa::path(
    post,
    path = "/api/v1/batch/get",
    operation_id = "getBlobs",
    tag = "batch",
    request_body = schema::BatchIdsRequest,
    responses((status = 200, description = "The blobs.", body = schema::BatchGetResponse)),
)]
pub async fn get(State(state): State<AppState>, request: Request) -> Result<Response, ApiError> {
    let ids = read_ids(&state, request).await?;
    let store = state.store();
    // Sizes come first, so that no more is read than is answered.
    let looked_up = iter(ids).map(async |id| (id, size(store, id).await)).buffered(READS_AT_ONCE);
    let looked_up: Vec<_> = looked_up.collect().await;

    let mut left = MAX_BATCH_GET_BYTES;
    let planned = looked_up.into_iter().map(|(id, size)| (id, size.and_then(|size| admit(size, &mut left))));
    let planned: Vec<_> = planned.collect();
    let mut memory = state.reservation();
    memory.hold(JSON_FACTOR * (MAX_BATCH_GET_BYTES - left)).await?;
    let read = async |(id, admitted): (_, Result<(), ApiError>)| match admitted {
        Ok(()) => (id, read(store, id).await),
        Err(error) => (id, Err(error)),
    };
    let mut blobs = iter(planned).map(read).buffered(READS_AT_ONCE);

    let mut json = b"{\"blobs\":[".to_vec();
    let mut cause = None;
    while let Some((blob_id, blob)) = blobs.next().await {
        match blob {
            Ok(envelope) => json.extend_from_slice(&envelope),
            Err(mut error) => {
                cause = cause.or(error.cause.take());
                let refused = Refused { blob_id, error: error.body() };
                serde_json::to_writer(&mut json, &refused).expect("strings and numbers are JSON");
            }
        }
        json.push(b',');
    }
    if json.ends_with(b",") {
        json.pop();
    }
    json.extend_from_slice(b"]}");
    let mut response = ([(CONTENT_TYPE, "application/json"), (VARY, "accept-encoding")], json).into_response();
    if let Some(cause) = cause {
        response.extensions_mut().insert(cause);
    }
    Ok(response)
}

async fn size(store: &dyn Store, id: BlobId) -> Result<u64, ApiError> {
    Ok(store.head(id).await?.ok_or_else(|| ApiError::missing(id))?.size)
}

/// Takes a blob's bytes from those that are left.
fn admit(size: u64, left: &mut u64) -> Result<(), ApiError> {
    *left = left.checked_sub(size).ok_or_else(|| {
        let message = format!(
            "the {size} bytes of this blob do not fit into the {MAX_BATCH_GET_BYTES} of a batch; get it alone or with others"
        );
        ApiError::new(Reason::BatchFull, message)
    })?;
    Ok(())
}

async fn read(store: &dyn Store, id: BlobId) -> Result<Vec<u8>, ApiError> {
    let StoredBlob { blob, filename, .. } = store.get(id).await?.ok_or_else(|| ApiError::missing(id))?;
    envelope(blob, filename.as_ref()).await
}
