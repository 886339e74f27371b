//! [`StoreLocation`]: where a store is, as it is written in the configuration.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use super::{EmbeddedStore, MemoryStore, OpenError, Store};

/// Where a store is: `memory:`, or a directory.
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
}

impl StoreLocation {
    /// Opens the store, and creates it where there is none.
    ///
    /// It does file I/O, so it has no place on an async thread.
    ///
    /// # Errors
    ///
    /// What [`EmbeddedStore::open`] refuses.
    pub fn open(&self) -> Result<Arc<dyn Store>, OpenError> {
        Ok(match self {
            Self::Memory => Arc::new(MemoryStore::default()),
            Self::Directory(dir) => Arc::new(EmbeddedStore::open(dir)?),
        })
    }
}

impl fmt::Display for StoreLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory:"),
            Self::Directory(dir) => dir.display().fmt(f),
        }
    }
}

impl FromStr for StoreLocation {
    type Err = StoreLocationError;

    /// # Errors
    ///
    /// The text is empty, or a URL of a scheme that is not known.
    fn from_str(text: &str) -> Result<Self, StoreLocationError> {
        match text {
            "memory:" => Ok(Self::Memory),
            "" => Err(StoreLocationError(())),
            _ if text.contains("://") => Err(StoreLocationError(())),
            _ => Ok(Self::Directory(text.into())),
        }
    }
}

/// A text that is not the location of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreLocationError(());

impl fmt::Display for StoreLocationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a store is a directory or `memory:`")
    }
}

impl std::error::Error for StoreLocationError {}
