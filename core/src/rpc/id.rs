//! [`RequestId`]: which request a response belongs to.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::canonicalize::write_string;
use crate::members::as_string;

/// The id of a request, which its response repeats (JSON-RPC 2.0, section 4): a string or a whole number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RequestId {
    /// A string.
    Text(String),
    /// A whole number.
    Number(i64),
}

impl RequestId {
    /// The id that a sound JSON value is; `None` where it is neither a string nor a whole number of 64 bits.
    pub(super) fn of(value: &str) -> Option<Self> {
        as_string(value).map(Self::Text).or_else(|| value.parse().ok().map(Self::Number))
    }
}

impl fmt::Display for RequestId {
    /// Writes the id as JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(&json_string(text)),
            Self::Number(number) => number.fmt(f),
        }
    }
}

/// A string as JSON.
pub(crate) fn json_string(text: &str) -> String {
    let mut json = Vec::with_capacity(text.len() + 2);
    write_string(text, &mut json);
    String::from_utf8(json).expect("a string is written in UTF-8")
}
