//! `GET /api/v1/stats`: how much the store holds.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::header::CACHE_CONTROL;
use isoblob_core::BlobType;
use serde::Serialize;
use utoipa::ToSchema;

use super::AppState;
use super::error::ApiError;
use crate::store::Totals;

/// The answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Stats {
    #[serde(flatten)]
    total: Count,
    types: CountByType,
}

/// How many blobs there are, and the bytes of their contents.
#[derive(Debug, Serialize, ToSchema)]
struct Count {
    blobs: u64,
    bytes: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct CountByType {
    binary: Count,
    data: Count,
    flow: Count,
}

impl From<Totals> for Count {
    fn from(Totals { blobs, bytes }: Totals) -> Self {
        Self { blobs, bytes }
    }
}

/// How much the store holds
#[utoipa::path(
    get,
    path = "/api/v1/stats",
    operation_id = "getStats",
    tag = "server",
    responses((status = 200, description = "How many blobs there are, and how large they are.", body = Stats)),
)]
pub async fn stats(State(state): State<AppState>) -> Result<([(HeaderName, &'static str); 1], Json<Stats>), ApiError> {
    let held = state.store().stats().await?;
    let types = CountByType {
        binary: held.of(BlobType::Binary).into(),
        data: held.of(BlobType::Data).into(),
        flow: held.of(BlobType::Flow).into(),
    };
    Ok(([(CACHE_CONTROL, "no-store")], Json(Stats { total: held.total().into(), types })))
}
