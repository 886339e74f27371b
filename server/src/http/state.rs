//! [`AppState`]: what every request shares.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::guard::HostPolicy;
use super::request_id::RequestIds;
use crate::store::Store;

/// The limits and rules of the HTTP side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpConfig {
    /// The most bytes of a request's body, 256 MiB unless told otherwise.
    pub max_body_bytes: usize,
    /// How long a body may bring nothing before it is given up, 30 seconds unless told otherwise.
    pub body_idle_timeout: Duration,
    /// Which `Host` a request may name.
    pub host_policy: HostPolicy,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self { max_body_bytes: 256 << 20, body_idle_timeout: Duration::from_secs(30), host_policy: HostPolicy::Any }
    }
}

/// What every request shares. Clones are the same state.
#[derive(Clone, Debug)]
pub struct AppState(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    store: Arc<dyn Store>,
    config: HttpConfig,
    request_ids: RequestIds,
    draining: watch::Sender<bool>,
}

impl AppState {
    /// The state over a store.
    pub fn new(store: Arc<dyn Store>, config: HttpConfig) -> Self {
        let (request_ids, draining) = (RequestIds::default(), watch::Sender::new(false));
        Self(Arc::new(Shared { store, config, request_ids, draining }))
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
        &*self.0.store
    }

    pub(crate) fn config(&self) -> &HttpConfig {
        &self.0.config
    }

    pub(crate) fn request_ids(&self) -> &RequestIds {
        &self.0.request_ids
    }
}
