//! [`Difference`]: a place where two documents differ, and how.

use alloc::string::String;

use serde::Serialize;

use crate::JsonType;

/// A place where two documents differ, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Difference {
    /// The JSON Pointer (RFC 6901) of the value, in either document or in the one that has it. `None` where it would be
    /// longer than [`MAX_POINTER_BYTES`](crate::MAX_POINTER_BYTES).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// How they differ there.
    #[serde(flatten)]
    pub kind: DifferenceKind,
}

/// How two documents differ at one place. In JSON its name is `kind`, in `snake_case`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum DifferenceKind {
    /// The one document has a member or element that the other has not.
    Missing,
    /// The other document has a member or element that the one has not.
    Added,
    /// The values have two types.
    Type {
        /// The type in the one document.
        from: JsonType,
        /// The type in the other.
        to: JsonType,
    },
    /// The values are of one type, which is neither array nor object, and are not equal.
    ///
    /// They are given as canonical JSON, for people to read: one of more than
    /// [`MAX_EXCERPT_BYTES`](crate::MAX_EXCERPT_BYTES) is an excerpt around the first character that differs, with `…`
    /// where it is cut.
    Value {
        /// The value in the one document.
        from: String,
        /// The value in the other.
        to: String,
    },
}

impl DifferenceKind {
    /// The stable name of the kind in `snake_case`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Added => "added",
            Self::Type { .. } => "type",
            Self::Value { .. } => "value",
        }
    }
}
