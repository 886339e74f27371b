//! `POST /api/v1/batch/missing`: which of these blobs a client need not bother to send.

use axum::Json;
use axum::extract::{Request, State};
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use isoblob_core::BlobId;
use serde::Serialize;

use super::{READS_AT_ONCE, read_ids};
use crate::http::AppState;
use crate::http::error::ApiError;

/// The answer.
#[derive(Debug, Serialize)]
pub struct Missing {
    /// In the order of the request.
    missing: Vec<BlobId>,
}

/// The handler.
pub async fn missing(State(state): State<AppState>, request: Request) -> Result<Json<Missing>, ApiError> {
    let ids = read_ids(&state, request).await?;
    let store = state.store();
    let look = |id| async move { store.head(id).await.map(|found| found.is_none().then_some(id)) };
    let missing = iter(ids).map(look).buffered(READS_AT_ONCE).try_filter_map(async |id| Ok(id)).try_collect().await?;
    Ok(Json(Missing { missing }))
}
