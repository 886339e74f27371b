//! What pages of allowed origins may do (the Fetch standard's CORS protocol).

use std::time::Duration;

use axum::http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    IF_RANGE, RANGE, RETRY_AFTER,
};
use axum::http::{HeaderName, HeaderValue, Method};
use tower_http::cors::CorsLayer;

use super::blobs::{REPR_DIGEST, X_BLOB_CANONICAL, X_BLOB_FILENAME, X_BLOB_TYPE};
use super::request_id::X_REQUEST_ID;

/// How long a browser may remember what it was told; Chromium remembers nothing longer.
const MAX_AGE: Duration = Duration::from_hours(2);

const METHODS: [Method; 4] = [Method::GET, Method::HEAD, Method::POST, Method::PUT];

/// What a page may send.
const REQUEST_HEADERS: [HeaderName; 9] = [
    ACCEPT,
    AUTHORIZATION,
    CONTENT_ENCODING,
    CONTENT_TYPE,
    IF_NONE_MATCH,
    IF_RANGE,
    RANGE,
    X_BLOB_FILENAME,
    X_REQUEST_ID,
];

/// What it may read, beside what it always may.
const RESPONSE_HEADERS: [HeaderName; 8] = [
    CONTENT_DISPOSITION,
    CONTENT_RANGE,
    ETAG,
    REPR_DIGEST,
    RETRY_AFTER,
    HeaderName::from_static(X_BLOB_CANONICAL),
    X_BLOB_TYPE,
    X_REQUEST_ID,
];

/// Answers preflight requests and marks answers, for pages of these origins; `None` where there are none.
pub fn layer(allowed_origins: &[HeaderValue]) -> Option<CorsLayer> {
    let layer = || {
        CorsLayer::new()
            .allow_origin(allowed_origins.to_vec())
            .allow_methods(METHODS)
            .allow_headers(REQUEST_HEADERS)
            .expose_headers(RESPONSE_HEADERS)
            .max_age(MAX_AGE)
    };
    (!allowed_origins.is_empty()).then(layer)
}
