//! Reads a request's body within its limits.

use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::EXPECT;
use http_body_util::BodyExt as _;
use tokio::time::timeout;

use super::error::{ApiError, Reason};
use super::state::HttpConfig;

/// The most bytes that are set aside for a body before any of it came.
const RESERVED_BYTES: usize = 64 << 10;

/// How much of a refused body is read and thrown away, and for how long: closing the connection on bytes that were not
/// read would destroy the answer on its way to the client.
const LINGER_BYTES: usize = 64 << 20;
const LINGER_TIME: Duration = Duration::from_secs(10);

/// Reads the body of a request: to its end, or to the limit.
pub async fn read(headers: &HeaderMap, mut body: Body, config: &HttpConfig) -> Result<Vec<u8>, ApiError> {
    let limit = config.max_body_bytes;
    let expected = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if expected > limit {
        linger(headers, body);
        return Err(too_large(limit));
    }
    let mut bytes = Vec::with_capacity(expected.min(RESERVED_BYTES));
    while let Some(frame) = next(&mut body, config.body_idle_timeout).await? {
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > limit {
            linger(headers, body);
            return Err(too_large(limit));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

type Frame = hyper::body::Frame<bytes::Bytes>;

async fn next(body: &mut Body, idle_timeout: Duration) -> Result<Option<Frame>, ApiError> {
    match timeout(idle_timeout, body.frame()).await {
        Ok(None) => Ok(None),
        Ok(Some(Ok(frame))) => Ok(Some(frame)),
        Ok(Some(Err(error))) => Err(ApiError::body_broken(error)),
        Err(_) => Err(ApiError::body_stalled(idle_timeout)),
    }
}

fn too_large(limit: usize) -> ApiError {
    ApiError::new(Reason::BodyTooLarge, format!("the body has more than {limit} bytes"))
}

/// Refuses a request whose body was not looked at.
pub fn refuse(request: Request, error: ApiError) -> ApiError {
    let (parts, body) = request.into_parts();
    linger(&parts.headers, body);
    error
}

/// Lets the rest of a refused body come, while the answer is on its way.
fn linger(headers: &HeaderMap, mut body: Body) {
    // A client that asks first is told no by the answer, and sends nothing.
    if body.is_end_stream() || headers.contains_key(EXPECT) {
        return;
    }
    let discard = async move {
        let mut left = LINGER_BYTES;
        while let Some(Ok(frame)) = body.frame().await {
            let Some(less) = left.checked_sub(frame.data_ref().map_or(0, bytes::Bytes::len)) else { break };
            left = less;
        }
    };
    tokio::spawn(timeout(LINGER_TIME, discard));
}
