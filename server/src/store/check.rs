//! [`check`]: whether everything in a store is what it should be.

use std::fmt;
use std::path::PathBuf;

use isoblob_core::{BlobId, BlobType};

use super::{
    ListQuery, OpenError, StepflowFileStore, StepflowLocation, Store, StoreError, StoreLocation, Totals, embedded,
};

/// Blobs that are asked for at once.
const PAGE_BLOBS: usize = 1000;

/// What is done about what is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckMode {
    /// Nothing.
    Report,
    /// What cannot be served is put aside, and what is said wrongly of a sound blob is put right.
    Repair,
}

/// What is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The database itself is damaged.
    Database(String),
    /// A blob cannot be served.
    Corrupt {
        /// The blob.
        id: BlobId,
        /// What is wrong with it.
        cause: String,
    },
    /// A blob is sound, and what is said of it is wrong.
    WrongRow {
        /// The blob.
        id: BlobId,
        /// What is wrong.
        cause: String,
    },
    /// A blob is JSON in another form than the canonical one, as an orchestrator stored it. That is no fault.
    Uncanonical(BlobId),
    /// A file of no blob, which an interrupted put leaves, by its name in the store's directory.
    Stray(PathBuf),
    /// The counts of a type are wrong.
    WrongTotals {
        /// The type.
        blob_type: BlobType,
        /// What was counted as it came.
        said: Totals,
        /// What there is.
        counted: Totals,
    },
}

impl Finding {
    /// Whether something is wrong.
    pub fn is_fault(&self) -> bool {
        !matches!(self, Self::Uncanonical(_))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(fault) => write!(f, "the database is damaged: {fault}"),
            Self::Corrupt { id, cause } => write!(f, "blob {id} is corrupt: {cause}"),
            Self::WrongRow { id, cause } => write!(f, "blob {id} is sound, but {cause}"),
            Self::Uncanonical(id) => write!(f, "blob {id} is JSON in another form than the canonical one"),
            Self::Stray(path) => write!(f, "{} belongs to no blob", path.display()),
            Self::WrongTotals { blob_type, said, counted } => {
                let (Totals { blobs, bytes }, Totals { blobs: counted, bytes: counted_bytes }) = (said, counted);
                write!(
                    f,
                    "the store counts {blobs} blobs of type {blob_type} with {bytes} bytes, and has {counted} with \
                    {counted_bytes}"
                )
            }
        }
    }
}

/// What a check came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckSummary {
    /// The blobs that were read.
    pub blobs: u64,
    /// The bytes of those that are sound.
    pub bytes: u64,
    /// The findings that are faults.
    pub faults: u64,
    /// What was put aside or put right.
    pub repaired: u64,
}

/// Why a store could not be checked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// It cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It belongs to an orchestrator.
    #[error("a Stepflow orchestrator's store is not repaired here: only it knows what else relies on it")]
    NotOurs,
}

/// Reads every blob of a store, and tells what is wrong. A directory is looked at as it is, and may not be in use.
///
/// # Errors
///
/// The store cannot be opened or fails as a whole, or is an orchestrator's and to be repaired.
pub async fn check(
    location: &StoreLocation,
    mode: CheckMode,
    tell: &mut (dyn FnMut(&Finding) + Send),
) -> Result<CheckSummary, CheckError> {
    match location {
        StoreLocation::Directory(dir) => Ok(embedded::check::check(dir, mode, tell)?),
        StoreLocation::Stepflow(_) if mode == CheckMode::Repair => Err(CheckError::NotOurs),
        StoreLocation::Stepflow(StepflowLocation::Files(dir)) => {
            let store = StepflowFileStore::open(dir)?;
            let mut summary = check_listed(&store, tell).await?;
            for (id, cause) in store.unlisted().await? {
                summary.blobs += 1;
                summary.faults += 1;
                tell(&Finding::Corrupt { id, cause });
            }
            Ok(summary)
        }
        StoreLocation::Memory | StoreLocation::Stepflow(_) => Ok(check_listed(&*location.open().await?, tell).await?),
    }
}

async fn check_listed(store: &dyn Store, tell: &mut (dyn FnMut(&Finding) + Send)) -> Result<CheckSummary, StoreError> {
    let mut summary = CheckSummary::default();
    let mut after = None;
    loop {
        let query = ListQuery { blob_type: None, after, limit: PAGE_BLOBS };
        let page = store.list(query).await?.unwrap_or_default();
        after = page.last().map(|last| last.id);
        for listed in &page {
            summary.blobs += 1;
            let finding = match store.get(listed.id).await {
                Ok(Some(read)) => {
                    summary.bytes += listed.info.size;
                    (!read.blob.is_canonical()).then_some(Finding::Uncanonical(listed.id))
                }
                // It was removed meanwhile.
                Ok(None) => None,
                Err(StoreError::Corrupt { id, cause }) => Some(Finding::Corrupt { id, cause }),
                Err(StoreError::NotJson { id, blob_type, cause }) => {
                    Some(Finding::Corrupt { id, cause: format!("it is stored as {blob_type}: {cause}") })
                }
                Err(error) => return Err(error),
            };
            if let Some(finding) = finding {
                summary.faults += u64::from(finding.is_fault());
                tell(&finding);
            }
        }
        if after.is_none() {
            return Ok(summary);
        }
    }
}
