//! `GET` and `HEAD /api/v1/blobs/{id}`: a blob as its envelope or as its bytes.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use isoblob_core::{Blob, BlobEnvelope, BlobId, BlobType};

use super::id_path::IdPath;
use super::{REPR_DIGEST, X_BLOB_CANONICAL, X_BLOB_TYPE};
use crate::Filename;
use crate::compute::compute;
use crate::http::AppState;
use crate::http::accept::Form;
use crate::http::conditional::{etag, none_match_fails};
use crate::http::disposition::attachment;
use crate::http::error::ApiError;
use crate::store::{BlobInfo, StoredBlob};

/// The bytes of an id never change.
const RAW_CACHING: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// An envelope changes where a later put betters the type or the filename, so a cache asks, and is mostly told 304.
const ENVELOPE_CACHING: HeaderValue = HeaderValue::from_static("public, no-cache");

/// The handler of `GET`. The bytes are verified on the way.
pub async fn get(State(state): State<AppState>, IdPath(id): IdPath, headers: HeaderMap) -> Result<Response, ApiError> {
    let form = Form::of(&headers);
    if headers.contains_key(IF_NONE_MATCH) {
        let info = state.store().head(id).await?.ok_or_else(|| ApiError::missing(id))?;
        if none_match_fails(&headers, &etag(id, form, &info)) {
            return Ok(not_modified(id, form, &info));
        }
    }
    let StoredBlob { blob, filename, created } = state.store().get(id).await?.ok_or_else(|| ApiError::missing(id))?;
    let (size, canonical) = (blob.bytes().len() as u64, blob.is_canonical());
    let info = BlobInfo { blob_type: blob.blob_type(), size, filename, created };
    let body = match form {
        Form::Raw => blob.into_bytes(),
        Form::Envelope => envelope(blob, info.filename.clone()).await?,
    };
    let mut response = Body::from(body).into_response();
    describe(response.headers_mut(), id, form, &info);
    if !canonical {
        response.headers_mut().insert(X_BLOB_CANONICAL, HeaderValue::from_static("false"));
    }
    Ok(response)
}

/// The handler of `HEAD`: the headers of `GET`, without reading the bytes, and so without verifying them or saying whether
/// they are canonical.
pub async fn head(State(state): State<AppState>, IdPath(id): IdPath, headers: HeaderMap) -> Result<Response, ApiError> {
    let form = Form::of(&headers);
    let info = state.store().head(id).await?.ok_or_else(|| ApiError::missing(id))?;
    if none_match_fails(&headers, &etag(id, form, &info)) {
        return Ok(not_modified(id, form, &info));
    }
    let length = match form {
        Form::Raw => info.size,
        Form::Envelope => envelope_length(&info),
    };
    let mut response = Body::empty().into_response();
    describe(response.headers_mut(), id, form, &info);
    response.headers_mut().insert(CONTENT_LENGTH, length.into());
    Ok(response)
}

fn not_modified(id: BlobId, form: Form, info: &BlobInfo) -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    validate(response.headers_mut(), id, form, info);
    response
}

/// The headers that RFC 9110, section 15.4.5, wants on a 304 too.
fn validate(headers: &mut HeaderMap, id: BlobId, form: Form, info: &BlobInfo) {
    headers.insert(ETAG, etag(id, form, info));
    headers.insert(VARY, HeaderValue::from_static("accept"));
    let caching = match form {
        Form::Raw => RAW_CACHING,
        Form::Envelope => ENVELOPE_CACHING,
    };
    headers.insert(CACHE_CONTROL, caching);
}

fn describe(headers: &mut HeaderMap, id: BlobId, form: Form, info: &BlobInfo) {
    validate(headers, id, form, info);
    match form {
        Form::Envelope => {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        Form::Raw => {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
            headers.insert(X_BLOB_TYPE, HeaderValue::from_static(info.blob_type.as_str()));
            headers.insert(REPR_DIGEST, repr_digest(id));
            if let Some(filename) = &info.filename {
                headers.insert(CONTENT_DISPOSITION, attachment(filename));
            }
        }
    }
}

fn repr_digest(id: BlobId) -> HeaderValue {
    let digest = format!("sha-256=:{}:", BASE64_STANDARD.encode(id.as_bytes()));
    HeaderValue::try_from(digest).expect("base64 is a header's value")
}

async fn envelope(blob: Blob, filename: Option<Filename>) -> Result<Vec<u8>, ApiError> {
    let bytes = blob.bytes().len();
    compute(bytes, move || BlobEnvelope { blob: &blob, filename: filename.as_ref().map(Filename::as_str) }.to_json())
        .await
}

/// The length of a blob's envelope, by its parts: that around no bytes at all, and the bytes as the envelope holds them.
fn envelope_length(info: &BlobInfo) -> u64 {
    let blob = Blob::verify(BlobId::of(b""), info.blob_type, Vec::new()).expect("no bytes hash to their id");
    let around = BlobEnvelope { blob: &blob, filename: info.filename.as_ref().map(Filename::as_str) }.to_json().len();
    around as u64
        + match info.blob_type {
            BlobType::Data | BlobType::Flow => info.size,
            // RFC 4648, section 4: four characters for every three bytes or fewer.
            BlobType::Binary => info.size.div_ceil(3) * 4,
        }
}
