//! `GET /api/v1/blobs`: the blobs that there are, newest first, page by page.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::header::{CACHE_CONTROL, VARY};
use isoblob_core::{BlobId, BlobType};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Filename;
use crate::http::AppState;
use crate::http::error::{ApiError, Reason};
use crate::http::openapi::schema;
use crate::http::query::QueryOf;
use crate::store::{ListQuery, ListedBlob};

/// The most blobs of one page.
pub const MAX_PAGE_BLOBS: usize = 1000;

/// The blobs of a page, unless the request says otherwise.
const PAGE_BLOBS: usize = 100;

/// What a request asks for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListParameters {
    #[serde(rename = "type")]
    blob_type: Option<BlobType>,
    limit: Option<usize>,
    /// The id of the last blob of the page before: that blob keeps its place, whatever is put meanwhile.
    cursor: Option<BlobId>,
}

/// The answer: a page.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BlobList {
    pub blobs: Vec<ListItem>,
    /// There where another page follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::BlobId>)]
    pub next_cursor: Option<BlobId>,
}

/// A blob, as a page has it and the index of an export.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListItem {
    #[schema(value_type = schema::BlobId)]
    pub blob_id: BlobId,
    #[schema(value_type = schema::BlobType)]
    pub blob_type: BlobType,
    /// In bytes.
    pub size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Filename>)]
    pub filename: Option<String>,
    /// When it was first stored (RFC 3339).
    #[schema(format = DateTime)]
    pub created: String,
}

impl From<&ListedBlob> for ListItem {
    fn from(ListedBlob { id, info }: &ListedBlob) -> Self {
        Self {
            blob_id: *id,
            blob_type: info.blob_type,
            size: info.size,
            filename: info.filename.as_ref().map(Filename::as_str).map(str::to_owned),
            created: info.created(),
        }
    }
}

/// Lists blobs, newest first
#[utoipa::path(
    get,
    path = "/api/v1/blobs",
    operation_id = "listBlobs",
    tag = "blobs",
    params(
        ("type" = Option<schema::BlobType>, Query, description = "Blobs of this type alone."),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 1000, description = "100 unless told otherwise."),
        ("cursor" = Option<schema::BlobId>, Query, description = "The `nextCursor` of the page before."),
    ),
    responses((status = 200, description = "A page.", body = BlobList)),
    extensions(("x-reasons" = json!(["invalid_cursor"]))),
)]
pub async fn list(
    State(state): State<AppState>,
    QueryOf(parameters): QueryOf<ListParameters>,
) -> Result<([(HeaderName, &'static str); 2], Json<BlobList>), ApiError> {
    let ListParameters { blob_type, limit, cursor } = parameters;
    let limit = limit.unwrap_or(PAGE_BLOBS);
    if !(1..=MAX_PAGE_BLOBS).contains(&limit) {
        return Err(ApiError::new(Reason::InvalidQuery, format!("limit: it is 1 to {MAX_PAGE_BLOBS}, not {limit}")));
    }
    // One more tells whether another page follows.
    let query = ListQuery { blob_type, after: cursor, limit: limit + 1 };
    let found = state.store().list(query).await?;
    let mut found =
        found.ok_or_else(|| ApiError::new(Reason::InvalidCursor, "the cursor is not one that this store gave out"))?;
    let is_last = found.len() <= limit;
    found.truncate(limit);
    let next_cursor = found.last().map(|last| last.id).filter(|_| !is_last);
    let blobs = found.iter().map(ListItem::from).collect();
    Ok(([(CACHE_CONTROL, "no-store"), (VARY, "accept-encoding")], Json(BlobList { blobs, next_cursor })))
}
