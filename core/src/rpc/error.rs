//! What goes wrong: [`RpcError`] on the other side, [`MessageError`] in reading what it sent.

use alloc::string::String;
use core::fmt;

use crate::Error;

/// The error that a response carries (JSON-RPC 2.0, section 5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RpcError {
    /// What kind of error it is; -32768 to -32000 are JSON-RPC's own.
    pub code: i64,
    /// A sentence for a person.
    pub message: String,
    /// What else there is to say, as JSON.
    pub data: Option<String>,
}

impl RpcError {
    /// The code of a request whose method is not known.
    pub const METHOD_NOT_FOUND: i64 = -32601;

    /// The code of a request whose `params` are not those of its method.
    pub const INVALID_PARAMS: i64 = -32602;
}

impl fmt::Display for RpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (code {})", self.message, self.code)
    }
}

impl core::error::Error for RpcError {}

/// Why a text is no message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageError {
    /// It is not JSON that the core reads.
    Text(Error),
    /// It is JSON, but not what JSON-RPC or the method asks for; what was expected, as a sentence.
    Shape(String),
}

impl fmt::Display for MessageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(error) => error.fmt(f),
            Self::Shape(what) => f.write_str(what),
        }
    }
}

impl core::error::Error for MessageError {}

impl From<Error> for MessageError {
    fn from(error: Error) -> Self {
        Self::Text(error)
    }
}

pub(crate) fn shape(what: impl Into<String>) -> MessageError {
    MessageError::Shape(what.into())
}
