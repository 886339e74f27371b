//! Where blobs are kept: [`Store`], its contract, and its backends.

mod cached;
pub mod check;
mod coding;
mod direct;
mod disk;
mod embedded;
mod error;
mod large;
mod list;
mod location;
mod measured;
mod memory;
mod spool;
mod sqlite;
mod stats;
mod stepflow;

use std::fmt;
use std::time::SystemTime;

use async_trait::async_trait;
use isoblob_core::{Blob, BlobId, BlobType};
use jiff::Timestamp;
use prometheus_client::registry::Registry;

use crate::Filename;

pub use cached::CachedStore;
pub use embedded::{BackupSummary, EmbeddedStore, MAX_ROW_BYTES, backup};
pub use error::{OpenError, StoreError};
pub use large::LargeBlob;
pub use list::{ListQuery, ListedBlob};
pub use location::{DEFAULT_CACHE_BYTES, StoreLocation, StoreLocationError};
pub use measured::MeasuredStore;
pub use memory::MemoryStore;
pub use spool::{SPOOL_BLOCK_BYTES, Spool, Spooled};
pub use stats::{StoreStats, Totals};
pub use stepflow::{
    MissingDatabase, ParseLocationError, PostgresUrl, SqliteUrl, StepflowFileStore, StepflowLocation,
    StepflowOpenError, StepflowPostgresStore, StepflowSqliteStore,
};

/// Keeps bytes under ids.
///
/// # Contract
///
/// Every backend keeps it, and one suite of tests holds them all to it.
///
/// 1. A put that was acknowledged is durable: it survives `kill -9` and power loss. ([`MemoryStore`] alone lives as
///    long as its process.)
/// 2. Two puts of the same content, at the same time or years apart, keep one copy and both succeed. The greatest of
///    their types stays, whichever came first; so does the first filename that was given, and the time of the first.
///    A put of content whose stored copy is damaged or missing repairs it.
/// 3. A get returns bytes whose hash was checked on this read, or [`StoreError::Corrupt`], which names the blob; never
///    wrong bytes.
/// 4. A reader never sees half a blob. A crashed writer leaves nothing that is ever served.
/// 5. An interrupted or refused put leaves no trace in what is listed, counted or served. A put whose future is dropped
///    is either done in full or not at all.
///
/// # Why a trait object
///
/// The backend is chosen at start by [`StoreLocation`], and what stands in front of one, such as a cache, is a store
/// itself. The price is one allocation a call, which is nothing beside a read.
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync + 'static {
    /// Keeps a blob, and returns once it is durable.
    ///
    /// # Errors
    ///
    /// The store is full or fails; the blob is then not stored, unless it was before.
    async fn put(&self, blob: Blob, filename: Option<Filename>) -> Result<PutOutcome, StoreError>;

    /// Begins to take a binary blob that comes in pieces, for [`put_spooled`](Self::put_spooled). `None` where the store
    /// takes blobs from memory alone, as stores do unless they say otherwise.
    ///
    /// # Errors
    ///
    /// The store is full or fails.
    async fn spool(&self) -> Result<Option<Spool>, StoreError> {
        Ok(None)
    }

    /// Keeps a blob that was gathered in a [`spool`](Self::spool) of this store, as [`put`](Self::put) does.
    ///
    /// # Errors
    ///
    /// The store is full or fails; the blob is then not stored, unless it was before.
    async fn put_spooled(&self, spooled: Spooled, filename: Option<Filename>) -> Result<PutOutcome, StoreError> {
        self.put(spooled.read().await?, filename).await
    }

    /// Finds a blob to read: one that is small is read and its hash checked, one that is large is about to be. `None`
    /// where there is no such blob.
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] where the stored bytes are not those of the id; otherwise the store fails.
    async fn open(&self, id: BlobId) -> Result<Option<OpenBlob>, StoreError>;

    /// Reads a blob into memory and checks its hash. `None` where there is no such blob.
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] where the stored bytes are not those of the id; otherwise the store fails.
    async fn get(&self, id: BlobId) -> Result<Option<StoredBlob>, StoreError> {
        match self.open(id).await? {
            None => Ok(None),
            Some(OpenBlob::Whole(blob)) => Ok(Some(blob)),
            Some(OpenBlob::Large(blob)) => blob.read().await.map(Some),
        }
    }

    /// What is known of a blob without reading its bytes, which are not checked. `None` where there is no such blob.
    ///
    /// # Errors
    ///
    /// The store fails.
    async fn head(&self, id: BlobId) -> Result<Option<BlobInfo>, StoreError>;

    /// The blobs, those first that were put last, as far as the store can tell: an orchestrator that keeps only times
    /// has them to the second. What is put meanwhile moves none of them to another page.
    ///
    /// `None` where there is no blob that the page is to come after.
    ///
    /// # Errors
    ///
    /// The store fails.
    async fn list(&self, query: ListQuery) -> Result<Option<Vec<ListedBlob>>, StoreError>;

    /// How much there is, without a look at any content.
    ///
    /// # Errors
    ///
    /// The store fails.
    async fn stats(&self) -> Result<StoreStats, StoreError>;

    /// Whether puts and gets can be expected to succeed.
    ///
    /// # Errors
    ///
    /// Why not.
    async fn health(&self) -> Result<(), StoreError>;

    /// Adds what the store itself counts to what `/metrics` tells. Most count nothing.
    fn register(&self, _: &mut Registry) {}
}

/// What a put found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutOutcome {
    /// The content was not in the store.
    New,
    /// The content was in the store already.
    Existing,
}

/// A blob that was found.
#[derive(Debug)]
pub enum OpenBlob {
    /// Its bytes are in memory, verified.
    Whole(StoredBlob),
    /// Its bytes are in a file, and not verified yet.
    Large(LargeBlob),
}

/// A blob that was read, verified, with what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBlob {
    /// The blob.
    pub blob: Blob,
    /// The first filename that was given with it.
    pub filename: Option<Filename>,
    /// When it was first stored, to the millisecond.
    pub created: SystemTime,
}

impl StoredBlob {
    /// What is known of it without its bytes.
    pub fn info(&self) -> BlobInfo {
        BlobInfo {
            blob_type: self.blob.blob_type(),
            size: self.blob.bytes().len() as u64,
            filename: self.filename.clone(),
            created: self.created,
        }
    }

    /// What was kept in memory under an id, hashed again.
    fn verify(self, id: BlobId) -> Result<Self, StoreError> {
        let Self { blob, filename, created } = self;
        let blob_type = blob.blob_type();
        let blob = Blob::verify(id, blob_type, blob.into_bytes())
            .map_err(|mismatch| StoreError::Corrupt { id, cause: mismatch.to_string() })?;
        Ok(Self { blob, filename, created })
    }
}

/// What is known of a blob without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobInfo {
    /// The greatest type that it was stored under.
    pub blob_type: BlobType,
    /// The number of its bytes.
    pub size: u64,
    /// The first filename that was given with it.
    pub filename: Option<Filename>,
    /// When it was first stored, to the millisecond.
    pub created: SystemTime,
}

impl BlobInfo {
    /// When it was first stored, as RFC 3339 has it. What no calendar has, which only a clock that is not set tells, is
    /// the epoch.
    pub fn created(&self) -> String {
        format!("{:.3}", Timestamp::try_from(self.created).unwrap_or_default())
    }
}
