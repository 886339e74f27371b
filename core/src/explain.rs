//! [`explain`]: why two texts have two ids; [`explain_text`]: what became of one.

use alloc::string::String;
use alloc::vec::Vec;

mod change;
mod compare;
mod difference;
mod excerpt;
mod key;

use core::fmt;

use serde::Serialize;

use crate::{BlobId, Error, Limits, canonicalize};
pub use change::{Change, ChangeKind, explain_text};
pub use difference::{Difference, DifferenceKind};

/// Whether two texts are one blob, and if not, where they differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Explanation {
    /// The id of the one text.
    pub one: BlobId,
    /// The id of the other.
    pub other: BlobId,
    /// The differences, in the order of the canonical forms; of more than
    /// [`MAX_DIFFERENCES`](crate::MAX_DIFFERENCES), the first.
    pub differences: Vec<Difference>,
    /// The number of all differences.
    pub count: usize,
}

impl Explanation {
    /// Whether the texts are one blob: their canonical forms are equal.
    pub fn is_one_blob(&self) -> bool {
        self.one == self.other
    }
}

/// Compares two JSON texts by what they mean. The canonical bytes of a blob are a text, too.
///
/// What canonicalization removes is no difference: whitespace, the order of members, escapes, the spelling of numbers.
/// Members are compared by key, and elements by index: one that is put in front of others makes all of them differ. Of
/// two values of different types, and of one that is missing or added, nothing inside is listed.
///
/// It takes the time and memory of canonicalizing both.
///
/// ```
/// use isoblob_core::{DifferenceKind, Limits, explain};
///
/// let one = br#"{"b": [1.0, 2], "a": "\u0041"}"#;
/// assert!(explain(one, br#"{"a": "A", "b": [1, 2]}"#, Limits::default())?.is_one_blob());
///
/// let explanation = explain(one, br#"{"a": "A", "b": [1, 3]}"#, Limits::default())?;
/// let [difference] = &explanation.differences[..] else { panic!("one difference") };
/// assert_eq!(difference.pointer.as_deref(), Some("/b/1"));
/// assert_eq!(difference.kind, DifferenceKind::Value { from: "2".into(), to: "3".into() });
/// # Ok::<(), isoblob_core::ExplainError>(())
/// ```
///
/// # Errors
///
/// What [`canonicalize`] refuses, and which of the two it was; of two that are refused, the one.
pub fn explain(one: &[u8], other: &[u8], limits: Limits) -> Result<Explanation, ExplainError> {
    let read = |text, side| canonicalize(text, limits).map_err(|error| ExplainError { side, error });
    let one = read(one, Side::One)?;
    let other = read(other, Side::Other)?;
    let (differences, count) = compare::compare(&one, &other);
    Ok(Explanation { one: BlobId::of(&one), other: BlobId::of(&other), differences, count })
}

/// Which of two texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The first argument.
    One,
    /// The second.
    Other,
}

impl Side {
    /// The name in lowercase.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Other => "other",
        }
    }
}

/// A text that cannot be compared with another, as it has no canonical form.
///
/// ```
/// use isoblob_core::{Limits, Side, explain};
///
/// let error = explain(b"[]", b"[1, ]", Limits::default()).unwrap_err();
/// assert_eq!(error.side, Side::Other);
/// assert_eq!(
///     error.to_string(),
///     "the second text: expected a value, found `]`, at line 1 column 5 (byte 4), in `/1`",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExplainError {
    /// Which text it is.
    pub side: Side,
    /// What is wrong with it, and where.
    pub error: Error,
}

impl ExplainError {
    /// What [`Display`](fmt::Display) writes: which text it is, what is wrong, and where.
    pub fn message(&self) -> String {
        let side = match self.side {
            Side::One => "first",
            Side::Other => "second",
        };
        ["the ", side, " text: ", &self.error.message()].concat()
    }
}

impl fmt::Display for ExplainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

// The message says all that the error inside would.
impl core::error::Error for ExplainError {}

#[cfg(test)]
mod tests;
