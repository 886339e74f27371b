//! Reads a request's body within its limits.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, EXPECT};
use axum::http::{HeaderMap, HeaderValue};
use http_body_util::BodyExt as _;
use tokio::task::coop::consume_budget;
use tokio::time::timeout;
use tokio_stream::{Stream, StreamExt as _};

use super::coding::Coding;
use super::error::{ApiError, Reason};
use super::state::HttpConfig;

/// The most bytes that are set aside for a body before any of it came.
const RESERVED_BYTES: usize = 64 << 10;

/// How much of a refused body is read and thrown away, and for how long: closing the connection on bytes that were not
/// read would destroy the answer on its way to the client.
const LINGER_BYTES: usize = 64 << 20;
const LINGER_TIME: Duration = Duration::from_secs(10);

/// Reads the body of a request: to its end, or to the limit. One that was compressed is decompressed on the way, and the
/// limit is on what it comes to.
pub async fn read(headers: &HeaderMap, body: Body, config: &HttpConfig) -> Result<Vec<u8>, ApiError> {
    let expected = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let mut data = body.into_data_stream();
    let content = match Coding::of_content(headers) {
        Err(error) => Err(error),
        Ok(None) if expected > config.max_body_bytes => Err(too_large(config.max_body_bytes)),
        Ok(None) => collect(&mut data, expected, config, ApiError::body_broken).await,
        Ok(Some(coding)) => collect(coding.decode(&mut data), 0, config, |error| coding.refuse(error)).await,
    };
    // The rest of a body that stalls is not waited for.
    if content.as_ref().is_err_and(|error| error.reason != Reason::BodyTimeout) {
        linger(headers, Body::new(data));
    }
    content
}

async fn collect<E>(
    mut content: impl Stream<Item = Result<Bytes, E>> + Unpin,
    expected: usize,
    config: &HttpConfig,
    broken: impl Fn(E) -> ApiError,
) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::with_capacity(expected.min(RESERVED_BYTES));
    loop {
        let next = timeout(config.body_idle_timeout, content.next()).await;
        match next.map_err(|_| ApiError::body_stalled(config.body_idle_timeout))? {
            None => return Ok(bytes),
            Some(data) => {
                let data = data.map_err(&broken)?;
                if bytes.len() + data.len() > config.max_body_bytes {
                    return Err(too_large(config.max_body_bytes));
                }
                bytes.extend_from_slice(&data);
            }
        }
        // What was compressed a thousandfold comes without a pause.
        consume_budget().await;
    }
}

fn too_large(limit: usize) -> ApiError {
    ApiError::new(Reason::BodyTooLarge, format!("the body has more than {limit} bytes"))
}

/// The media type that a request says its body has, empty where it says none.
pub fn media_type(headers: &HeaderMap) -> &[u8] {
    let value = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    value.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii()
}

/// The error of a body of another media type than those that are read.
pub fn unsupported(headers: &HeaderMap, read: &str) -> ApiError {
    let given = match media_type(headers) {
        b"" => "names no content type".into(),
        other => format!("is of {}", other.escape_ascii()),
    };
    ApiError::new(Reason::UnsupportedMediaType, format!("{read}, and this one {given}"))
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
            let Some(less) = left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) else { break };
            left = less;
        }
    };
    tokio::spawn(timeout(LINGER_TIME, discard));
}
