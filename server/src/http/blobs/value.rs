//! `GET /api/v1/blobs/{id}/value?pointer=/a/b`: one value of a JSON blob, without the rest.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use isoblob_core::{BlobType, JsonPointer, Limits, MAX_TEXT_BYTES, canonicalize, find_value};
use serde::Deserialize;

use super::get::FOREVER;
use super::id_path::IdPath;
use crate::compute::compute;
use crate::http::AppState;
use crate::http::conditional::none_match_fails;
use crate::http::error::{ApiError, Reason};
use crate::http::openapi::schema;
use crate::http::query::QueryOf;

/// What a request asks for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueParameters {
    /// A JSON Pointer (RFC 6901). The empty one leads to the whole document.
    #[serde(default)]
    pointer: String,
}

/// Gets one value of a JSON blob, without the rest
///
/// The value is answered in its canonical form, as it stands in the blob.
#[utoipa::path(
    get,
    path = "/api/v1/blobs/{id}/value",
    operation_id = "getValue",
    tag = "blobs",
    params(
        ("id" = schema::BlobId, Path),
        ("pointer" = Option<schema::JsonPointer>, Query, description = "The whole document unless told otherwise."),
    ),
    responses(
        (
            status = 200, description = "The value.", body = schema::AnyJson,
            headers(
                ("etag" = String, description = "Weak where the answer is compressed."),
                ("cache-control" = String, description = "It never changes."),
            ),
        ),
        (status = 304, description = "`If-None-Match` holds the validator."),
    ),
    extensions(("x-reasons" = json!(["invalid_pointer", "not_found", "no_such_value", "not_json", "corrupt_blob", "overloaded"]))),
)]
pub async fn value(
    State(state): State<AppState>,
    IdPath(id): IdPath,
    QueryOf(ValueParameters { pointer: text }): QueryOf<ValueParameters>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let pointer: JsonPointer =
        text.parse().map_err(|error| ApiError::new(Reason::InvalidPointer, format!("{error}")).at(text.clone()))?;
    let mut memory = state.reservation();
    let found = state.read(id, &mut memory).await?;
    if found.blob.blob_type() == BlobType::Binary {
        return Err(ApiError::new(Reason::NotJson, format!("the blob {id} is binary, so it has no values")));
    }
    let is_canonical = found.blob.is_canonical();
    let document = found.blob.into_bytes();
    let bytes = document.len();
    let find = move || {
        // A Stepflow orchestrator's store may hold another form.
        let document = if is_canonical { document } else { canonical(&document) };
        find_value(&document, &pointer).map(|value| document.slice_ref(value))
    };
    let value = compute(bytes, find).await?;
    let value =
        value.ok_or_else(|| ApiError::new(Reason::NoSuchValue, format!("the blob {id} has no such value")).at(text))?;

    // Neither the document nor what the pointer leads to ever changes.
    let etag = HeaderValue::try_from(format!("\"{id}\"")).expect("hex digits are a header's value");
    let (mut response, etag) = match none_match_fails(&headers, &etag) {
        Some(etag) => (StatusCode::NOT_MODIFIED.into_response(), etag),
        None => (Body::from(value).into_response(), etag),
    };
    let headers = response.headers_mut();
    headers.insert(ETAG, etag);
    headers.insert(CACHE_CONTROL, FOREVER);
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

fn canonical(document: &[u8]) -> Bytes {
    let canonical = canonicalize(document, Limits { max_text_bytes: MAX_TEXT_BYTES })
        .expect("a blob of JSON was read when it was verified");
    canonical.into_owned().into()
}
