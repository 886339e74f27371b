//! `GET` and `HEAD /api/v1/blobs/{id}`: a blob as its envelope or as its bytes.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use isoblob_core::{BlobId, BlobType};

use super::content::{Content, envelope_length};
use super::id_path::IdPath;
use super::{REPR_DIGEST, X_BLOB_CANONICAL, X_BLOB_TYPE};
use crate::http::AppState;
use crate::http::accept::Form;
use crate::http::conditional::{etag, none_match_fails};
use crate::http::disposition::attachment;
use crate::http::error::{ApiError, Reason};
use crate::http::openapi::schema;
use crate::http::range::Asked;
use crate::store::{BlobInfo, OpenBlob};

/// The bytes of an id never change.
pub const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// About how many headers an answer has.
const DESCRIBING_HEADERS: usize = 12;

/// An envelope changes where a later put betters the type or the filename, so a cache asks, and is mostly told 304.
const ENVELOPE_CACHING: HeaderValue = HeaderValue::from_static("public, no-cache");

/// Gets a blob
///
/// As its JSON envelope or, where `Accept` prefers `application/octet-stream`, as the very bytes whose SHA-256 is the
/// id. The bytes were verified on the way, also those of which only a part is answered.
#[utoipa::path(
    get,
    path = "/api/v1/blobs/{id}",
    operation_id = "getBlob",
    tag = "blobs",
    params(
        ("id" = schema::BlobId, Path),
        ("range" = Option<String>, Header, description = "One range of the raw bytes."),
        ("if-range" = Option<String>, Header, description = "The validator of the bytes that the range is of."),
        ("if-none-match" = Option<String>, Header, description = "Validators of what the client has."),
    ),
    responses(
        (
            status = 200, description = "The blob.",
            content((schema::BlobEnvelope = "application/json"), (schema::Bytes = "application/octet-stream")),
            headers(
                ("etag" = String, description = "Strong; weak where the answer is compressed."),
                ("cache-control" = String, description = "Raw bytes never change. Of an envelope, caches ask."),
                ("vary" = String, description = "The forms differ by `Accept`, and may be compressed."),
                ("accept-ranges" = Option<String>, description = "`bytes`, of raw bytes."),
                ("content-disposition" = Option<String>, description = "The filename of raw bytes (RFC 6266)."),
                ("repr-digest" = Option<String>, description = "The id of raw bytes, as RFC 9530 has it."),
                ("x-blob-type" = Option<schema::BlobType>, description = "The type of raw bytes."),
            ),
        ),
        (
            status = 206, description = "The part that `Range` names.",
            content((schema::Bytes = "application/octet-stream")),
            headers(("content-range" = String, description = "Which part, of how many bytes.")),
        ),
        (status = 304, description = "`If-None-Match` holds the validator."),
    ),
    extensions(("x-reasons" = json!(["not_found", "range_not_satisfiable", "corrupt_blob"]))),
)]
pub async fn get(State(state): State<AppState>, IdPath(id): IdPath, headers: HeaderMap) -> Result<Response, ApiError> {
    let form = Form::of(&headers);
    if headers.contains_key(IF_NONE_MATCH) {
        let info = state.store().head(id).await?.ok_or_else(|| ApiError::missing(id))?;
        if let Some(response) = not_modified(&headers, id, form, &info) {
            return Ok(response);
        }
    }
    let (info, canonical, content) = match state.store().open(id).await?.ok_or_else(|| ApiError::missing(id))? {
        OpenBlob::Whole(stored) => (stored.info(), stored.blob.is_canonical(), Content::Whole(stored.blob)),
        OpenBlob::Large(blob) => (blob.info().clone(), true, Content::Large(blob)),
    };
    let etag = etag(id, form, &info);
    let mut response = match form {
        Form::Envelope => content.envelope(id, &info).await?.into_response(),
        Form::Raw => match Asked::of(&headers, &etag, info.size) {
            Asked::Whole => content.part(0..info.size).await?.into_response(),
            Asked::Part(range) => {
                let content_range = format!("bytes {}-{}/{}", range.start, range.end - 1, info.size);
                let part = content.part(range).await?;
                (StatusCode::PARTIAL_CONTENT, [(CONTENT_RANGE, content_range)], part).into_response()
            }
            Asked::Unsatisfiable => return Ok(unsatisfiable(info.size)),
        },
    };
    describe(response.headers_mut(), etag, id, form, &info);
    if !canonical {
        response.headers_mut().insert(X_BLOB_CANONICAL, HeaderValue::from_static("false"));
    }
    Ok(response)
}

/// Gets the headers of a blob
///
/// Those of `GET`, without reading the bytes, and so without verifying them or saying whether
/// they are canonical.
#[utoipa::path(
    head,
    path = "/api/v1/blobs/{id}",
    operation_id = "headBlob",
    tag = "blobs",
    params(
        ("id" = schema::BlobId, Path),
        ("if-none-match" = Option<String>, Header, description = "Validators of what the client has."),
    ),
    responses(
        (status = 200, description = "The blob is here."),
        (status = 304, description = "`If-None-Match` holds the validator."),
    ),
    extensions(("x-reasons" = json!(["not_found", "corrupt_blob"]))),
)]
pub async fn head(State(state): State<AppState>, IdPath(id): IdPath, headers: HeaderMap) -> Result<Response, ApiError> {
    let form = Form::of(&headers);
    let info = state.store().head(id).await?.ok_or_else(|| ApiError::missing(id))?;
    if let Some(response) = not_modified(&headers, id, form, &info) {
        return Ok(response);
    }
    let length = match form {
        Form::Raw => info.size,
        Form::Envelope => envelope_length(id, &info),
    };
    let mut response = Body::empty().into_response();
    describe(response.headers_mut(), etag(id, form, &info), id, form, &info);
    response.headers_mut().insert(CONTENT_LENGTH, length.into());
    Ok(response)
}

/// The answer where the client has the blob in this form already, with the headers that RFC 9110, section 15.4.5, wants.
fn not_modified(headers: &HeaderMap, id: BlobId, form: Form, info: &BlobInfo) -> Option<Response> {
    let etag = none_match_fails(headers, &etag(id, form, info))?;
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    validate(response.headers_mut(), etag, form, info);
    Some(response)
}

fn unsatisfiable(size: u64) -> Response {
    let error =
        ApiError::new(Reason::RangeNotSatisfiable, format!("the blob has {size} bytes, and none in this range"));
    ([(CONTENT_RANGE, format!("bytes */{size}"))], error).into_response()
}

fn validate(headers: &mut HeaderMap, etag: HeaderValue, form: Form, info: &BlobInfo) {
    headers.insert(ETAG, etag);
    let (caching, is_json) = match form {
        Form::Raw => (FOREVER, info.blob_type != BlobType::Binary),
        Form::Envelope => (ENVELOPE_CACHING, true),
    };
    headers.insert(CACHE_CONTROL, caching);
    // Bytes of which nothing is known are mostly compressed already.
    headers.insert(VARY, HeaderValue::from_static(if is_json { "accept, accept-encoding" } else { "accept" }));
}

fn describe(headers: &mut HeaderMap, etag: HeaderValue, id: BlobId, form: Form, info: &BlobInfo) {
    headers.reserve(DESCRIBING_HEADERS);
    validate(headers, etag, form, info);
    match form {
        Form::Envelope => {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        Form::Raw => {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
            headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
            headers.insert(X_BLOB_TYPE, HeaderValue::from_static(info.blob_type.as_str()));
            headers.insert(REPR_DIGEST, repr_digest(id));
            if let Some(filename) = &info.filename {
                headers.insert(CONTENT_DISPOSITION, attachment(filename));
            }
        }
    }
}

fn repr_digest(id: BlobId) -> HeaderValue {
    let digest = ["sha-256=:", &BASE64_STANDARD.encode(id.as_bytes()), ":"].concat();
    HeaderValue::try_from(digest).expect("base64 is a header's value")
}
