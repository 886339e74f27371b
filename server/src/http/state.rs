//! [`AppState`]: what every request shares.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderValue;
use isoblob_core::BlobId;
use tokio::sync::{Semaphore, watch};

use super::error::ApiError;
use super::guard::HostPolicy;
use super::memory::{JSON_FACTOR, MemoryBudget, Reservation};
use super::rate::RateLimit;
use super::request_id::RequestIds;
use crate::auth::Access;
use crate::metrics::Metrics;
use crate::store::{MeasuredStore, OpenBlob, Store, StoredBlob};

/// The limits and rules of requests, by HTTP and gRPC.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// The most bytes of a request's body, 256 MiB unless told otherwise.
    pub max_body_bytes: usize,
    /// The most bytes of a binary blob that goes to the store piece by piece, 16 GiB unless told otherwise. To a store
    /// that takes blobs from memory alone, `max_body_bytes` goes for all.
    pub max_binary_bytes: u64,
    /// The memory that requests may take together for blobs, 1 GiB unless told otherwise. A request that needs more
    /// waits, and is refused where it waits in vain. The first 64 KiB of each are not counted.
    pub memory_bytes: u64,
    /// The most requests at once, 4096 unless told otherwise.
    pub max_requests: u32,
    /// The most requests per second, and at once, of one client, where there is such a limit.
    pub max_requests_per_second: Option<NonZeroU32>,
    /// How long a body may bring nothing before it is given up, 30 seconds unless told otherwise.
    pub body_idle_timeout: Duration,
    /// Which `Host` a request may name.
    pub host_policy: HostPolicy,
    /// The origins whose pages may use the server: none, unless told otherwise.
    pub allowed_origins: Vec<HeaderValue>,
    /// Who may use the server.
    pub access: Access,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            max_body_bytes: 256 << 20,
            max_binary_bytes: 16 << 30,
            memory_bytes: 1 << 30,
            max_requests: 4096,
            max_requests_per_second: None,
            body_idle_timeout: Duration::from_secs(30),
            host_policy: HostPolicy::Any,
            allowed_origins: Vec::new(),
            access: Access::Anonymous,
        }
    }
}

/// What every request shares. Clones are the same state.
#[derive(Clone, Debug)]
pub struct AppState(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    store: MeasuredStore,
    metrics: Arc<Metrics>,
    memory: MemoryBudget,
    config: HttpConfig,
    requests: Semaphore,
    rate_limit: Option<RateLimit>,
    request_ids: RequestIds,
    draining: watch::Sender<bool>,
}

impl AppState {
    /// The state over a store.
    pub fn new(store: Arc<dyn Store>, config: HttpConfig) -> Self {
        let (request_ids, draining) = (RequestIds::default(), watch::Sender::new(false));
        let requests = Semaphore::new(config.max_requests as usize);
        let rate_limit = config.max_requests_per_second.map(RateLimit::new);
        let metrics = Arc::new(Metrics::new(&*store));
        let store = MeasuredStore::new(store, Arc::clone(&metrics));
        let memory = MemoryBudget::new(config.memory_bytes);
        Self(Arc::new(Shared { store, metrics, memory, config, requests, rate_limit, request_ids, draining }))
    }

    /// Says that the server takes no new work, so that `/readyz` and gRPC health send none here.
    pub fn drain(&self) {
        self.0.draining.send_replace(true);
    }

    pub(crate) fn is_draining(&self) -> bool {
        *self.0.draining.borrow()
    }

    /// Waits until the server takes no new work.
    pub(crate) async fn drained(&self) {
        let mut draining = self.0.draining.subscribe();
        draining.wait_for(|draining| *draining).await.expect("the sender is in this state");
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &self.0.store
    }

    /// What is counted.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// What a request holds of the memory that all of them share: nothing yet.
    pub(crate) fn reservation(&self) -> Reservation {
        self.0.memory.reservation()
    }

    /// Reads a blob into memory, which is held for it and its answer.
    pub(crate) async fn read(&self, id: BlobId, memory: &mut Reservation) -> Result<StoredBlob, ApiError> {
        match self.store().open(id).await?.ok_or_else(|| ApiError::missing(id))? {
            OpenBlob::Whole(blob) => Ok(blob),
            OpenBlob::Large(blob) => {
                memory.hold(JSON_FACTOR.saturating_mul(blob.info().size)).await?;
                Ok(blob.read().await?)
            }
        }
    }

    pub(crate) fn config(&self) -> &HttpConfig {
        &self.0.config
    }

    /// As many permits as there may be requests at once.
    pub(super) fn requests(&self) -> &Semaphore {
        &self.0.requests
    }

    /// The requests that are under way, but for those about health.
    pub(super) fn requests_in_progress(&self) -> i64 {
        i64::from(self.0.config.max_requests) - i64::try_from(self.0.requests.available_permits()).unwrap_or(i64::MAX)
    }

    pub(super) fn rate_limit(&self) -> Option<&RateLimit> {
        self.0.rate_limit.as_ref()
    }

    pub(crate) fn request_ids(&self) -> &RequestIds {
        &self.0.request_ids
    }
}
