//! [`excerpts`]: two values that differ, short enough to be shown.

use alloc::borrow::ToOwned as _;
use alloc::string::String;

use crate::MAX_EXCERPT_BYTES;

/// The bytes of an excerpt before the first that differs.
const CONTEXT_BYTES: usize = 16;

/// Two values as canonical JSON; of a long one, an excerpt around the first character that differs.
pub(super) fn excerpts(one: &[u8], other: &[u8]) -> [String; 2] {
    let same = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    [one, other].map(|value| excerpt(&String::from_utf8_lossy(value), same))
}

/// The value, or the part of it from a little before its byte `same`.
fn excerpt(value: &str, same: usize) -> String {
    if value.len() <= MAX_EXCERPT_BYTES {
        return value.to_owned();
    }
    let latest = value.len() - MAX_EXCERPT_BYTES;
    let start = value.ceil_char_boundary(same.saturating_sub(CONTEXT_BYTES).min(latest));
    let end = value.floor_char_boundary(start + MAX_EXCERPT_BYTES);
    let cut = |here| if here { "…" } else { "" };
    format!("{}{}{}", cut(start > 0), &value[start..end], cut(end < value.len()))
}
