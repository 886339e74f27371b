//! The id in a request's path.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use isoblob_core::BlobId;

use crate::http::error::ApiError;

/// The blob that a path names.
pub struct IdPath(pub BlobId);

impl<S: Send + Sync> FromRequestParts<S> for IdPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| ApiError::invalid_id())?;
        Ok(Self(text.parse().map_err(|_| ApiError::invalid_id())?))
    }
}
