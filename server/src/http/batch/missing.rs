//! `POST /api/v1/batch/missing`: which of these blobs a client need not bother to send.

use axum::Json;
use axum::extract::{Request, State};
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use isoblob_core::BlobId;
use serde::Serialize;
use utoipa::ToSchema;

use super::{READS_AT_ONCE, read_ids};
use crate::http::AppState;
use crate::http::error::ApiError;
use crate::http::openapi::schema;

/// The answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BatchMissingResponse)]
pub struct Missing {
    /// In the order of the request.
    #[schema(value_type = Vec<schema::BlobId>)]
    missing: Vec<BlobId>,
}

/// Which of some blobs are missing
///
/// What is not missing need not be sent.
#[utoipa::path(
    post,
    path = "/api/v1/batch/missing",
    operation_id = "findMissingBlobs",
    tag = "batch",
    request_body = schema::BatchIdsRequest,
    responses((status = 200, description = "The missing ones.", body = Missing)),
    extensions(("x-reasons" = json!(["corrupt_blob"]))),
)]
pub async fn missing(State(state): State<AppState>, request: Request) -> Result<Json<Missing>, ApiError> {
    let ids = read_ids(&state, request).await?;
    let store = state.store();
    let look = |id| async move { store.head(id).await.map(|found| found.is_none().then_some(id)) };
    let missing = iter(ids).map(look).buffered(READS_AT_ONCE).try_filter_map(async |id| Ok(id)).try_collect().await?;
    Ok(Json(Missing { missing }))
}
