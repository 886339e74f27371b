//! `/api/v1/blobs`: Stepflow's Blob HTTP API.

mod get;
mod id_path;
mod put;

use axum::Router;
use axum::http::HeaderName;
use axum::routing::{get, post};

use super::AppState;
use super::error::ApiError;

/// Carries a filename with a binary put.
const X_BLOB_FILENAME: HeaderName = HeaderName::from_static("x-blob-filename");

/// Tells the type of a blob with its raw bytes.
const X_BLOB_TYPE: HeaderName = HeaderName::from_static("x-blob-type");

/// The most bytes that an async thread parses, hashes or encodes itself, 64 KiB: that takes about as long as handing
/// them to another thread.
const INLINE_BYTES: usize = 64 << 10;

/// The routes.
pub fn routes() -> Router<AppState> {
    Router::new().route("/api/v1/blobs", post(put::put)).route("/api/v1/blobs/{id}", get(get::get).head(get::head))
}

/// Runs what takes as long as its input is: on this thread only where that is short.
async fn compute<T: Send + 'static>(bytes: usize, work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
    if bytes <= INLINE_BYTES {
        return Ok(work());
    }
    tokio::task::spawn_blocking(work).await.map_err(ApiError::internal)
}
