//! [`Error`]: what is wrong with a text, and where.

use alloc::boxed::Box;
use alloc::string::{String, ToString as _};
use core::fmt;

use serde::Serialize;

/// What is wrong with a text.
///
/// A text is read from its first byte to its last, and the error is the first one met, with three exceptions: the size
/// is looked at before anything else, then the UTF-8 of the whole text, and a repeated key is noticed when the object
/// that holds it closes (of several in one object, the one whose repetition comes first in the text).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text has more bytes than the caller's limit. It has no position.
    TooLarge,
    /// The text is not UTF-8 (RFC 3629). At the first byte that does not belong to a whole character.
    InvalidUtf8,
    /// The text begins with a byte-order mark (RFC 8259, section 8.1). At offset 0.
    ByteOrderMark,
    /// The text ends before its value does. At its end.
    UnexpectedEnd,
    /// A character that the grammar of RFC 8259 does not allow here. At the character.
    UnexpectedCharacter,
    /// Something other than whitespace after the value. At its first character.
    TrailingCharacters,
    /// A number that RFC 8259, section 6, does not allow: a leading zero, or no digit where one must be. At the
    /// character that is one digit too many, or that is not a digit.
    InvalidNumber,
    /// An integer literal whose magnitude is 2^1024 or more, or another number whose nearest double is infinite. At the
    /// first character of the number.
    NumberOutOfRange,
    /// A control character, U+0000 to U+001F, unescaped in a string. At the character.
    ControlCharacter,
    /// An escape that RFC 8259, section 7, does not know. At its backslash.
    InvalidEscape,
    /// An escape that is one half of a surrogate pair without the other. At its backslash.
    LoneSurrogate,
    /// A key that its object already has, compared after escapes are decoded. At the quote that opens its repetition.
    DuplicateKey,
    /// More than [`MAX_DEPTH`](crate::MAX_DEPTH) containers, one inside the other. At the bracket that opens one too
    /// many.
    TooDeep,
    /// JSON that is no Stepflow flow. At no position, but under a JSON Pointer.
    InvalidFlow,
    /// A request body that is well-formed JSON but not the envelope of a blob. At no position, but under a JSON
    /// Pointer into the body.
    InvalidEnvelope,
}

impl ErrorKind {
    /// Every kind.
    pub const ALL: [Self; 15] = [
        Self::TooLarge,
        Self::InvalidUtf8,
        Self::ByteOrderMark,
        Self::UnexpectedEnd,
        Self::UnexpectedCharacter,
        Self::TrailingCharacters,
        Self::InvalidNumber,
        Self::NumberOutOfRange,
        Self::ControlCharacter,
        Self::InvalidEscape,
        Self::LoneSurrogate,
        Self::DuplicateKey,
        Self::TooDeep,
        Self::InvalidFlow,
        Self::InvalidEnvelope,
    ];

    /// The stable name of the kind in `snake_case`, which is the `reason` on the wire and the `code` in JavaScript.
    ///
    /// ```
    /// assert_eq!(isoblob_core::ErrorKind::DuplicateKey.as_str(), "duplicate_key");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::ByteOrderMark => "byte_order_mark",
            Self::UnexpectedEnd => "unexpected_end",
            Self::UnexpectedCharacter => "unexpected_character",
            Self::TrailingCharacters => "trailing_characters",
            Self::InvalidNumber => "invalid_number",
            Self::NumberOutOfRange => "number_out_of_range",
            Self::ControlCharacter => "control_character",
            Self::InvalidEscape => "invalid_escape",
            Self::LoneSurrogate => "lone_surrogate",
            Self::DuplicateKey => "duplicate_key",
            Self::TooDeep => "too_deep",
            Self::InvalidFlow => "invalid_flow",
            Self::InvalidEnvelope => "invalid_envelope",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Position {
    /// The number of bytes before it.
    pub offset: usize,
    /// The line, the first being 1. Lines end with a line feed.
    pub line: usize,
    /// The character of the line (Unicode scalar values, not bytes), the first being 1.
    pub column: usize,
}

/// What is wrong with a text, where, and what was expected: one sentence for a person, and its parts for a program.
///
/// ```
/// use isoblob_core::{ErrorKind, Limits, canonicalize};
///
/// let error = canonicalize(br#"{"a": 1, "a": 2}"#, Limits::default()).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::DuplicateKey);
/// assert_eq!(error.position().map(|at| (at.offset, at.line, at.column)), Some((9, 1, 10)));
/// assert_eq!(error.pointer(), Some("/a"));
/// assert_eq!(error.to_string(), "the object has this key already, at line 1 column 10 (byte 9), in `/a`");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    what: String,
    position: Option<Position>,
    pointer: Option<String>,
}

impl Error {
    pub(crate) fn new(
        kind: ErrorKind,
        what: impl Into<String>,
        position: Option<Position>,
        pointer: Option<String>,
    ) -> Self {
        Self(Box::new(Inner { kind, what: what.into(), position, pointer }))
    }

    /// What is wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What is wrong as a phrase, without the place.
    pub fn what(&self) -> &str {
        &self.0.what
    }

    /// Where in the text, unless the fault is the text's size or the meaning of JSON that is well formed.
    pub fn position(&self) -> Option<Position> {
        self.0.position
    }

    /// The JSON Pointer (RFC 6901) of the innermost value that holds the fault, for a repeated key that of the member;
    /// empty for the whole document. `None` where the text was not read as far as that, or where the pointer would be
    /// longer than [`MAX_POINTER_BYTES`](crate::MAX_POINTER_BYTES).
    pub fn pointer(&self) -> Option<&str> {
        self.0.pointer.as_deref()
    }

    /// What [`Display`](fmt::Display) writes: what is wrong, and where.
    pub fn message(&self) -> String {
        let mut message = self.0.what.clone();
        if let Some(Position { offset, line, column }) = self.0.position {
            let [offset, line, column] = [offset, line, column].map(|number| number.to_string());
            message += &[", at line ", &line, " column ", &column, " (byte ", &offset, ")"].concat();
        }
        let Some(pointer) = self.pointer().filter(|pointer| !pointer.is_empty()) else { return message };
        message += ", in `";
        // A key may hold anything, and a message is one line.
        for character in pointer.chars() {
            if character.is_control() {
                message.extend(character.escape_default());
            } else {
                message.push(character);
            }
        }
        message.push('`');
        message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl core::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_stable_in_form() {
        let mut names: Vec<_> = ErrorKind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert!(names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || b"_8".contains(&byte))));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ErrorKind::ALL.len());
    }

    #[test]
    fn composes_one_sentence() {
        let at = Position { offset: 7, line: 2, column: 3 };
        let error = |position, pointer: Option<&str>| {
            Error::new(ErrorKind::TooDeep, "too deep", position, pointer.map(String::from)).to_string()
        };
        assert_eq!(error(None, None), "too deep");
        assert_eq!(error(Some(at), Some("")), "too deep, at line 2 column 3 (byte 7)");
        assert_eq!(error(Some(at), Some("/a/0")), "too deep, at line 2 column 3 (byte 7), in `/a/0`");
        assert_eq!(error(None, Some("/a")), "too deep, in `/a`");
        assert_eq!(error(None, Some("/a\n\u{7f}é")), "too deep, in `/a\\n\\u{7f}é`");
    }
}
