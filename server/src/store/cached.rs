//! [`CachedStore`]: a store whose hot blobs are in memory.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use isoblob_core::{Blob, BlobId};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::{
    BlobInfo, ListQuery, ListedBlob, OpenBlob, PutOutcome, Spool, Spooled, Store, StoreError, StoreStats, StoredBlob,
};
use crate::{Filename, compute};

/// What an entry takes beside the blob's bytes and its filename, about.
const ENTRY_BYTES: u64 = 256;

/// What a hot blob is expected to take, for how many the cache has room at once.
const EXPECTED_BYTES: u64 = 2048;

/// One for each value of an id's first byte.
const STRIPES: usize = 256;

/// A store in front of another that nobody else writes to. What was read is kept in memory, up to a number of bytes,
/// those longest that are read most. A blob that the other does not read whole is not kept.
///
/// What memory has is verified on each read, as what the other store has is.
///
/// # How it stays right
///
/// Content never changes, but a put can better the type and the filename. So a put removes its blob from the cache
/// before it is acknowledged, and a read that was under way meanwhile does not leave there what it found.
pub struct CachedStore(Arc<Shared>);

struct Shared {
    store: Arc<dyn Store>,
    blobs: Cache<BlobId, Arc<StoredBlob>, Weight>,
    /// How many puts are done, by their blob. Who changes what the cache has of a blob holds its lock.
    puts: [Mutex<u64>; STRIPES],
    hits: Counter,
    misses: Counter,
}

#[derive(Clone)]
struct Weight;

impl Weighter<BlobId, Arc<StoredBlob>> for Weight {
    fn weight(&self, _: &BlobId, stored: &Arc<StoredBlob>) -> u64 {
        let filename = stored.filename.as_ref().map_or("", Filename::as_str);
        (stored.blob.bytes().len() + filename.len()) as u64 + ENTRY_BYTES
    }
}

impl CachedStore {
    /// Keeps up to so many bytes of a store's blobs in memory.
    pub fn new(store: Arc<dyn Store>, bytes: u64) -> Self {
        let expected = usize::try_from(bytes / EXPECTED_BYTES).unwrap_or(usize::MAX);
        Self(Arc::new(Shared {
            store,
            blobs: Cache::with_weighter(expected, bytes, Weight),
            puts: [const { Mutex::new(0) }; STRIPES],
            hits: Counter::default(),
            misses: Counter::default(),
        }))
    }

    /// The bytes that blobs take in memory now, about.
    pub fn bytes(&self) -> u64 {
        self.0.blobs.weight()
    }

    /// Finishes a put, whether or not anyone waits for it, so that what it betters leaves the cache.
    async fn finish(
        &self,
        id: BlobId,
        put: impl Future<Output = Result<PutOutcome, StoreError>> + Send + 'static,
    ) -> Result<PutOutcome, StoreError> {
        let shared = Arc::clone(&self.0);
        let put = async move {
            let outcome = put.await;
            shared.forget(id);
            outcome
        };
        tokio::spawn(put).await.map_err(StoreError::failed)?
    }
}

impl Shared {
    /// What there is of a blob, if it is in memory.
    fn find(&self, id: BlobId) -> Option<Arc<StoredBlob>> {
        let found = self.blobs.get(&id);
        let counter = if found.is_some() { &self.hits } else { &self.misses };
        counter.inc();
        found
    }

    fn puts(&self, id: BlobId) -> MutexGuard<'_, u64> {
        self.puts[usize::from(id.as_bytes()[0])].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget(&self, id: BlobId) {
        let mut puts = self.puts(id);
        *puts += 1;
        self.blobs.remove(&id);
    }

    /// Keeps what was read, unless a put was done since there were so many.
    fn keep(&self, id: BlobId, stored: &StoredBlob, since: u64) {
        let puts = self.puts(id);
        if *puts == since {
            self.blobs.insert(id, Arc::new(stored.clone()));
        }
    }
}

#[async_trait]
impl Store for CachedStore {
    async fn put(&self, blob: Blob, filename: Option<Filename>) -> Result<PutOutcome, StoreError> {
        let (id, store) = (blob.id(), Arc::clone(&self.0.store));
        self.finish(id, async move { store.put(blob, filename).await }).await
    }

    async fn spool(&self) -> Result<Option<Spool>, StoreError> {
        self.0.store.spool().await
    }

    async fn put_spooled(&self, spooled: Spooled, filename: Option<Filename>) -> Result<PutOutcome, StoreError> {
        let (id, store) = (spooled.id, Arc::clone(&self.0.store));
        self.finish(id, async move { store.put_spooled(spooled, filename).await }).await
    }

    async fn open(&self, id: BlobId) -> Result<Option<OpenBlob>, StoreError> {
        if let Some(stored) = self.0.find(id) {
            let bytes = stored.blob.bytes().len();
            let verify = move || StoredBlob::clone(&stored).verify(id);
            match compute::run(bytes, verify).await.map_err(StoreError::failed)? {
                Ok(stored) => return Ok(Some(OpenBlob::Whole(stored))),
                Err(error) => tracing::error!(%error, "a blob was damaged in memory, and is read again"),
            }
            self.0.forget(id);
        }
        let puts = *self.0.puts(id);
        let found = self.0.store.open(id).await?;
        if let Some(OpenBlob::Whole(stored)) = &found {
            self.0.keep(id, stored, puts);
        }
        Ok(found)
    }

    async fn head(&self, id: BlobId) -> Result<Option<BlobInfo>, StoreError> {
        match self.0.find(id) {
            Some(stored) => Ok(Some(stored.info())),
            None => self.0.store.head(id).await,
        }
    }

    async fn list(&self, query: ListQuery) -> Result<Option<Vec<ListedBlob>>, StoreError> {
        self.0.store.list(query).await
    }

    async fn stats(&self) -> Result<StoreStats, StoreError> {
        self.0.store.stats().await
    }

    async fn health(&self) -> Result<(), StoreError> {
        self.0.store.health().await
    }

    fn register(&self, registry: &mut Registry) {
        let cache = registry.sub_registry_with_prefix("cache");
        cache.register("hits", "The reads that memory answered", self.0.hits.clone());
        cache.register("misses", "The reads that went to the disk", self.0.misses.clone());
        self.0.store.register(registry);
    }
}

impl fmt::Debug for CachedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CachedStore").field(&self.0.store).finish()
    }
}
