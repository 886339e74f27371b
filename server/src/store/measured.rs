//! [`MeasuredStore`]: a store whose puts and gets are counted, and traced.

use std::sync::Arc;

use async_trait::async_trait;
use isoblob_core::{Blob, BlobId};
use prometheus_client::registry::Registry;
use tracing::Instrument as _;

use super::{BlobInfo, ListQuery, ListedBlob, PutOutcome, Store, StoreError, StoreStats, StoredBlob};
use crate::Filename;
use crate::metrics::Metrics;
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

#[async_trait]
impl Store for MeasuredStore {
    async fn put(&self, blob: Blob, filename: Option<Filename>) -> Result<PutOutcome, StoreError> {
        let span =
            tracing::info_span!(target: TRACES, "store.put", blob.id = %blob.id(), blob.size = blob.bytes().len());
        let outcome = self.store.put(blob, filename).instrument(span).await;
        let puts = &self.metrics.puts;
        match &outcome {
            Ok(PutOutcome::New) => puts.new.inc(),
            Ok(PutOutcome::Existing) => puts.deduplicated.inc(),
            Err(_) => puts.failed.inc(),
        };
        outcome
    }

    async fn get(&self, id: BlobId) -> Result<Option<StoredBlob>, StoreError> {
        let span = tracing::info_span!(target: TRACES, "store.get", blob.id = %id);
        let found = self.store.get(id).instrument(span).await;
        let gets = &self.metrics.gets;
        match &found {
            Ok(Some(_)) => gets.hit.inc(),
            Ok(None) => gets.miss.inc(),
            Err(StoreError::Corrupt { .. } | StoreError::NotJson { .. }) => gets.corrupt.inc(),
            Err(_) => gets.failed.inc(),
        };
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
