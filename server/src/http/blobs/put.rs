//! `POST /api/v1/blobs`: stores a blob, and answers once it is durable.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use isoblob_core::{Blob, Limits, PutRequest, PutResponse};

use super::X_BLOB_FILENAME;
use crate::Filename;
use crate::compute::compute;
use crate::http::error::{ApiError, Reason};
use crate::http::{AppState, body};

/// The handler.
pub async fn put(State(state): State<AppState>, request: Request) -> Result<Json<PutResponse>, ApiError> {
    let content = match admit(request.headers()) {
        Ok(content) => content,
        Err(error) => return Err(body::refuse(request, error)),
    };
    let (parts, body) = request.into_parts();
    let bytes = body::read(&parts.headers, body, state.config()).await?;
    let limits = Limits { max_text_bytes: state.config().max_body_bytes };
    let (blob, filename) = match content {
        Content::Bytes { filename } => (compute(bytes.len(), move || Blob::binary(bytes)).await?, filename),
        Content::Envelope => {
            let read = compute(bytes.len(), move || PutRequest::parse(&bytes, limits));
            let PutRequest { blob, filename } = read.await??;
            (blob, filename_of(filename)?)
        }
    };
    let blob_id = blob.id();
    state.store().put(blob, filename).await?;
    Ok(Json(PutResponse { blob_id }))
}

/// What a request says that its body is.
enum Content {
    /// `application/json`: the envelope.
    Envelope,
    /// `application/octet-stream`: the blob itself.
    Bytes { filename: Option<Filename> },
}

/// Looks at the headers, before the body is read.
fn admit(headers: &HeaderMap) -> Result<Content, ApiError> {
    if let Some(coding) = headers.get(CONTENT_ENCODING).filter(|coding| *coding != "identity") {
        let message = format!("a body in the encoding {} is not read", coding.as_bytes().escape_ascii());
        return Err(ApiError::new(Reason::UnsupportedContentEncoding, message));
    }
    let media_type = headers.get(CONTENT_TYPE).map(|value| value.as_bytes().split(|&byte| byte == b';').next());
    let media_type = media_type.flatten().unwrap_or_default().trim_ascii();
    if media_type.eq_ignore_ascii_case(b"application/json") {
        Ok(Content::Envelope)
    } else if media_type.eq_ignore_ascii_case(b"application/octet-stream") {
        Ok(Content::Bytes { filename: filename_header(headers)? })
    } else {
        let given = match media_type {
            b"" => "names no content type".into(),
            other => format!("is of {}", other.escape_ascii()),
        };
        let message = format!("a put is of application/json or application/octet-stream, and this one {given}");
        Err(ApiError::new(Reason::UnsupportedMediaType, message))
    }
}

fn filename_header(headers: &HeaderMap) -> Result<Option<Filename>, ApiError> {
    let Some(value) = headers.get(X_BLOB_FILENAME) else { return Ok(None) };
    let name = str::from_utf8(value.as_bytes());
    filename_of(Some(name.map_err(|_| ApiError::new(Reason::InvalidFilename, "the filename is not UTF-8"))?.into()))
}

/// The filename of a put. An empty name is none.
pub fn filename_of(name: Option<String>) -> Result<Option<Filename>, ApiError> {
    name.filter(|name| !name.is_empty())
        .map(Filename::new)
        .transpose()
        .map_err(|error| ApiError::new(Reason::InvalidFilename, error.to_string()))
}
