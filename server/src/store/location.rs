//! [`StoreLocation`]: where a store is, as it is written in the configuration.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use super::stepflow::{SCHEME_PREFIX, StepflowFileStore, StepflowPostgresStore, StepflowSqliteStore};
use super::{CachedStore, EmbeddedStore, MemoryStore, OpenError, ParseLocationError, StepflowLocation, Store};

/// The bytes of blobs that [`StoreLocation::open_cached`] keeps in memory unless told otherwise, 64 MiB.
pub const DEFAULT_CACHE_BYTES: u64 = 64 << 20;

/// Where a store is: `memory:`, a directory, or where a Stepflow orchestrator has its own.
///
/// ```
/// use isoblob_server::store::StoreLocation;
///
/// assert_eq!("memory:".parse(), Ok(StoreLocation::Memory));
/// assert_eq!("./blobs".parse(), Ok(StoreLocation::Directory("./blobs".into())));
/// assert!("ftp://example.org/blobs".parse::<StoreLocation>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreLocation {
    /// In the memory of this process, and gone with it.
    Memory,
    /// The embedded store in this directory.
    Directory(PathBuf),
    /// The store of a Stepflow orchestrator: `stepflow+sqlite:PATH`, `stepflow+postgres://…`, `stepflow+file:DIR`.
    Stepflow(StepflowLocation),
}

impl StoreLocation {
    /// Opens the store, and creates it where there is none.
    ///
    /// It also does file I/O at once, so it is for a server's start.
    ///
    /// # Errors
    ///
    /// What the backend's own `open` refuses, such as [`EmbeddedStore::open`].
    pub async fn open(&self) -> Result<Arc<dyn Store>, OpenError> {
        Ok(match self {
            Self::Memory => Arc::new(MemoryStore::default()),
            Self::Directory(dir) => Arc::new(EmbeddedStore::open(dir)?),
            Self::Stepflow(StepflowLocation::Sqlite(url)) => Arc::new(StepflowSqliteStore::open(url)?),
            Self::Stepflow(StepflowLocation::Postgres(url)) => Arc::new(StepflowPostgresStore::open(url).await?),
            Self::Stepflow(StepflowLocation::Files(dir)) => Arc::new(StepflowFileStore::open(dir)?),
        })
    }

    /// [`open`](Self::open)s the store, and keeps up to so many bytes of its hot blobs in memory, where that is of use:
    /// an embedded one, which no other process writes to. With 0 it keeps none.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub async fn open_cached(&self, cache_bytes: u64) -> Result<Arc<dyn Store>, OpenError> {
        let store = self.open().await?;
        Ok(match self {
            Self::Directory(_) if cache_bytes > 0 => Arc::new(CachedStore::new(store, cache_bytes)),
            _ => store,
        })
    }
}

impl fmt::Display for StoreLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory:"),
            Self::Directory(dir) => dir.display().fmt(f),
            Self::Stepflow(location) => location.fmt(f),
        }
    }
}

impl FromStr for StoreLocation {
    type Err = StoreLocationError;

    /// # Errors
    ///
    /// The text is empty, a URL of a scheme that is not known, or wrong in itself.
    fn from_str(text: &str) -> Result<Self, StoreLocationError> {
        match text {
            "memory:" => Ok(Self::Memory),
            _ if text.starts_with(SCHEME_PREFIX) => Ok(Self::Stepflow(text.parse()?)),
            _ if text.is_empty() || text.contains("://") => Err(StoreLocationError::Unknown),
            _ => Ok(Self::Directory(text.into())),
        }
    }
}

/// Why a text is not the location of a store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreLocationError {
    /// It is empty, or a URL of a scheme that is not known.
    #[error("a store is a directory, `memory:`, or a Stepflow orchestrator's: `stepflow+` and its URL")]
    Unknown,
    /// It says that the store is an orchestrator's, and then something wrong.
    #[error(transparent)]
    Stepflow(#[from] ParseLocationError),
}
