//! [`MeasuredStore`]: a store whose puts and gets are counted, and traced.

use std::sync::Arc;

use async_trait::async_trait;
use isoblob_core::{Blob, BlobId};
use prometheus_client::registry::Registry;
use tracing::Instrument as _;

use super::{
    BlobInfo, LargeBlob, ListQuery, ListedBlob, OpenBlob, PutOutcome, Spool, Spooled, Store, StoreError, StoreStats,
};
use crate::Filename;
use crate::metrics::{Gets, Metrics};
use crate::telemetry::TRACES;

/// A store in front of another, which does the work.
#[derive(Debug)]
pub struct MeasuredStore {
    store: Arc<dyn Store>,
    metrics: Arc<Metrics>,
}

impl MeasuredStore {
    /// Measures a store.
    pub fn new(store: Arc<dyn Store>, metrics: Arc<Metrics>) -> Self {
        Self { store, metrics }
    }
}

impl MeasuredStore {
    fn counted(&self, outcome: Result<PutOutcome, StoreError>) -> Result<PutOutcome, StoreError> {
        let puts = &self.metrics.puts;
        match &outcome {
            Ok(PutOutcome::New) => puts.new.inc(),
            Ok(PutOutcome::Existing) => puts.deduplicated.inc(),
            Err(_) => puts.failed.inc(),
        };
        outcome
    }
}

impl Gets {
    /// Counts a get by whether it found its blob.
    pub(super) fn count(&self, found: Result<bool, &StoreError>) {
        match found {
            Ok(true) => self.hit.inc(),
            Ok(false) => self.miss.inc(),
            Err(StoreError::Corrupt { .. } | StoreError::NotJson { .. }) => self.corrupt.inc(),
            Err(_) => self.failed.inc(),
        };
    }
}

#[async_trait]
impl Store for MeasuredStore {
    async fn put(&self, blob: Blob, filename: Option<Filename>) -> Result<PutOutcome, StoreError> {
        let span =
            tracing::info_span!(target: TRACES, "store.put", blob.id = %blob.id(), blob.size = blob.bytes().len());
        self.counted(self.store.put(blob, filename).instrument(span).await)
    }

    async fn spool(&self) -> Result<Option<Spool>, StoreError> {
        self.store.spool().await
    }

    async fn put_spooled(&self, spooled: Spooled, filename: Option<Filename>) -> Result<PutOutcome, StoreError> {
        let span = tracing::info_span!(target: TRACES, "store.put", blob.id = %spooled.id, blob.size = spooled.size);
        self.counted(self.store.put_spooled(spooled, filename).instrument(span).await)
    }

    /// What is large is counted once it was verified.
    async fn open(&self, id: BlobId) -> Result<Option<OpenBlob>, StoreError> {
        let span = tracing::info_span!(target: TRACES, "store.get", blob.id = %id);
        let found = self.store.open(id).instrument(span).await;
        if let Ok(Some(OpenBlob::Large(blob))) = found {
            return Ok(Some(OpenBlob::Large(LargeBlob { metrics: Some(Arc::clone(&self.metrics)), ..blob })));
        }
        self.metrics.gets.count(found.as_ref().map(Option::is_some));
        found
    }

    async fn head(&self, id: BlobId) -> Result<Option<BlobInfo>, StoreError> {
        self.store.head(id).await
    }

    async fn list(&self, query: ListQuery) -> Result<Option<Vec<ListedBlob>>, StoreError> {
        self.store.list(query).await
    }

    async fn stats(&self) -> Result<StoreStats, StoreError> {
        self.store.stats().await
    }

    async fn health(&self) -> Result<(), StoreError> {
        self.store.health().await
    }

    fn register(&self, registry: &mut Registry) {
        self.store.register(registry);
    }
}
