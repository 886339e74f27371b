//! [`compute`]: work that is kept off the async threads where it is long.

use crate::http::error::ApiError;

/// The most bytes that an async thread parses, hashes or encodes itself, 64 KiB: that takes about as long as handing
/// them to another thread.
pub const INLINE_BYTES: usize = 64 << 10;

/// Runs what takes as long as its input is: on this thread only where that is short.
pub async fn compute<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    if bytes <= INLINE_BYTES {
        return Ok(work());
    }
    tokio::task::spawn_blocking(work).await.map_err(ApiError::internal)
}
