//! What goes wrong in a store: [`StoreError`] in use, [`OpenError`] at its start.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use isoblob_core::{BlobId, BlobType};

use super::StepflowOpenError;

/// Why a store did not do what it was asked. One failed commit fails every put in it, so it can be cloned.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// What is stored under the id is not the blob of the id.
    #[error("blob {id} is corrupt: {cause}")]
    Corrupt {
        /// The blob that cannot be read.
        id: BlobId,
        /// What was found in its place.
        cause: String,
    },
    /// What is stored under the id hashes to it, and is not the JSON that its type says.
    #[error("blob {id} is stored as {blob_type}, and cannot be read as JSON: {cause}")]
    NotJson {
        /// The blob.
        id: BlobId,
        /// The type that it is stored under.
        blob_type: BlobType,
        /// Why it cannot be read.
        cause: isoblob_core::Error,
    },
    /// There is no space left. Reads go on.
    #[error("the store is full")]
    Full(#[source] Arc<dyn Error + Send + Sync>),
    /// The store failed.
    #[error("the store failed")]
    Failed(#[source] Arc<dyn Error + Send + Sync>),
}

impl StoreError {
    pub(super) fn failed(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Failed(cause.into().into())
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full(Arc::new(error)),
            _ => Self::Failed(Arc::new(error)),
        }
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(Arc::new(error)),
            _ => Self::Failed(Arc::new(error)),
        }
    }
}

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process, or another store of this one, has it open.
    #[error("the store in {} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// The directory holds something that is not a store.
    #[error("{} holds files that are not of a store; give a directory that is empty or does not exist", .0.display())]
    Foreign(PathBuf),
    /// There is no store where one must be.
    #[error("there is no store in {}", .0.display())]
    Missing(PathBuf),
    /// A directory that is to be filled has something in it.
    #[error("{} is not empty; give a directory that is empty or does not exist", .0.display())]
    NotEmpty(PathBuf),
    /// The store was written by a version that knows more than this one.
    #[error("the store in {} has format {found}; this version reads format {known}", .dir.display())]
    UnknownFormat {
        /// The directory of the store.
        dir: PathBuf,
        /// The format that it says it has.
        found: i64,
        /// The format that this version reads and writes.
        known: i64,
    },
    /// The file system refused.
    #[error("cannot {doing} {}", .path.display())]
    Io {
        /// What was tried, such as "create".
        doing: &'static str,
        /// With which file or directory.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The database refused.
    #[error("cannot open the database of the store in {}", .dir.display())]
    Database {
        /// The directory of the store.
        dir: PathBuf,
        /// Why it failed.
        source: rusqlite::Error,
    },
    /// The store of a Stepflow orchestrator cannot be used.
    #[error(transparent)]
    Stepflow(#[from] StepflowOpenError),
}

impl OpenError {
    pub(super) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }
}
