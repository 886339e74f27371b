//! [`CommandError`]: why a command has no answer.

use std::error::Error;
use std::io;

use axum::http::StatusCode;

use crate::store::check::CheckError;
use crate::store::{OpenError, StoreError};

/// Why a command has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// A text that is refused.
    #[error("{from}: {error}")]
    Text {
        /// Where it came from.
        from: String,
        /// What is wrong with it, and where.
        error: isoblob_core::Error,
    },
    /// A file that cannot be read.
    #[error("cannot read {from}")]
    Read {
        /// The file.
        from: String,
        /// Why.
        source: io::Error,
    },
    /// A file that cannot be written.
    #[error("cannot write {to}")]
    Write {
        /// The file.
        to: String,
        /// Why.
        source: io::Error,
    },
    /// A store that cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A store that fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A store that cannot be checked.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// What was found cannot be printed.
    #[error("cannot print the answer")]
    Print(#[from] io::Error),
    /// The server cannot be reached, or broke off.
    #[error("no answer from {url}")]
    Unreachable {
        /// Where it was to be.
        url: String,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The server answered with something that is not of the protocol.
    #[error("{url} answered with {what}")]
    Answer {
        /// Where the server is.
        url: String,
        /// What it answered with.
        what: String,
    },
    /// The server refused.
    #[error("{url} refused, with status {}: {message}", .status.as_u16())]
    Refused {
        /// Where the server is.
        url: String,
        /// The status.
        status: StatusCode,
        /// Why, as it says.
        message: String,
    },
}

impl CommandError {
    /// The status with which the process ends.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Text { .. } => 1,
            Self::Read { .. }
            | Self::Write { .. }
            | Self::Open(_)
            | Self::Store(_)
            | Self::Check(_)
            | Self::Print(_) => 2,
            Self::Unreachable { .. } | Self::Answer { .. } => 3,
            Self::Refused { .. } => 4,
        }
    }

    /// Whether all that went wrong is that nobody reads the answer any more.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Print(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}
