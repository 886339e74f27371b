//! [`compute`]: work that is kept off the async threads where it is long.

use tokio::task::{JoinError, spawn_blocking};

use crate::http::error::ApiError;

/// The most bytes that an async thread parses, hashes or encodes itself, 64 KiB: that takes about as long as handing
/// them to another thread.
pub const INLINE_BYTES: usize = 64 << 10;

/// Runs what takes as long as its input is: on this thread only where that is short.
pub async fn compute<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    run(bytes, work).await.map_err(ApiError::internal)
}

/// The same, for those who do not answer requests.
pub async fn run<T: Send + 'static>(bytes: usize, work: impl FnOnce() -> T + Send + 'static) -> Result<T, JoinError> {
    if bytes <= INLINE_BYTES { Ok(work()) } else { spawn_blocking(work).await }
}
