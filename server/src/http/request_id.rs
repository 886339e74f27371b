//! The id of a request: in the log, in the `x-request-id` header of the answer.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The header that carries the id, both ways.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken over from a request, in bytes.
const MAX_REQUEST_ID_BYTES: usize = 64;

/// Gives every request an id: its own where it brought a plain one, otherwise 16 hex digits that count up from a number
/// that is random for each process.
#[derive(Debug)]
pub struct RequestIds(AtomicU64);

impl Default for RequestIds {
    fn default() -> Self {
        Self(AtomicU64::new(RandomState::new().hash_one(std::process::id())))
    }
}

impl RequestIds {
    pub fn of(&self, headers: &HeaderMap) -> HeaderValue {
        if let Some(given) = headers.get(X_REQUEST_ID)
            && is_plain(given.as_bytes())
        {
            return given.clone();
        }
        let next = self.0.fetch_add(1, Ordering::Relaxed);
        HeaderValue::try_from(format!("{next:016x}")).expect("hex digits are a header's value")
    }
}

/// Whether an id can stand in a line of a log as it is.
fn is_plain(id: &[u8]) -> bool {
    (1..=MAX_REQUEST_ID_BYTES).contains(&id.len())
        && id.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte))
}
