//! [`MemoryStore`]: a store that lives as long as its process.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use indexmap::IndexMap;
use indexmap::map::Entry;
use isoblob_core::{Blob, BlobId};

use super::{BlobInfo, ListQuery, ListedBlob, OpenBlob, PutOutcome, Store, StoreError, StoreStats, StoredBlob, Totals};
use crate::{Filename, timestamp};

/// Blobs in the memory of this process, without a bound: for tests, and for trying things out.
#[derive(Default)]
pub struct MemoryStore {
    /// In the order of their first puts.
    blobs: Mutex<IndexMap<BlobId, StoredBlob>>,
}

impl MemoryStore {
    /// The map is never left half changed, so a panic elsewhere does not spoil it.
    fn blobs(&self) -> MutexGuard<'_, IndexMap<BlobId, StoredBlob>> {
        self.blobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn put(&self, blob: Blob, filename: Option<Filename>) -> Result<PutOutcome, StoreError> {
        let created = timestamp::now();
        match self.blobs().entry(blob.id()) {
            Entry::Vacant(entry) => {
                entry.insert(StoredBlob { blob, filename, created });
                Ok(PutOutcome::New)
            }
            Entry::Occupied(mut entry) => {
                let stored = entry.get_mut();
                if blob.blob_type() > stored.blob.blob_type() {
                    stored.blob = blob;
                }
                if stored.filename.is_none() {
                    stored.filename = filename;
                }
                Ok(PutOutcome::Existing)
            }
        }
    }

    async fn open(&self, id: BlobId) -> Result<Option<OpenBlob>, StoreError> {
        let stored = self.blobs().get(&id).cloned();
        stored.map(|stored| stored.verify(id).map(OpenBlob::Whole)).transpose()
    }

    async fn head(&self, id: BlobId) -> Result<Option<BlobInfo>, StoreError> {
        Ok(self.blobs().get(&id).map(StoredBlob::info))
    }

    async fn list(&self, query: ListQuery) -> Result<Option<Vec<ListedBlob>>, StoreError> {
        let blobs = self.blobs();
        let end = match query.after {
            None => Some(blobs.len()),
            Some(id) => blobs.get_index_of(&id),
        };
        let Some(older) = end.and_then(|end| blobs.get_range(..end)) else { return Ok(None) };
        let is_asked_for =
            |stored: &StoredBlob| query.blob_type.is_none_or(|blob_type| stored.blob.blob_type() == blob_type);
        let newest_first = older.iter().rev().filter(|(_, stored)| is_asked_for(stored));
        Ok(Some(
            newest_first.take(query.limit).map(|(id, stored)| ListedBlob { id: *id, info: stored.info() }).collect(),
        ))
    }

    async fn stats(&self) -> Result<StoreStats, StoreError> {
        let mut stats = StoreStats::default();
        for stored in self.blobs().values() {
            let bytes = stored.blob.bytes().len() as u64;
            stats.add(stored.blob.blob_type(), Totals { blobs: 1, bytes });
        }
        Ok(stats)
    }

    async fn health(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryStore({} blobs)", self.blobs().len())
    }
}
