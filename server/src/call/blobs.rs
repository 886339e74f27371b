//! [`OwnBlobs`]: a blob server on a loopback port, for as long as a call takes.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::CallError;
use crate::http::{AppState, HostPolicy, HttpConfig, blob_routes};
use crate::serve::{ServeConfig, serve};
use crate::store::StoreLocation;

/// How long requests under way have to end, once the call is over.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// How long to wait, after the last request, for threads that are still writing.
const WRITERS_TIMEOUT: Duration = Duration::from_secs(10);

/// A blob server that runs beside the call.
pub struct OwnBlobs {
    runtime: Runtime,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<usize>,
}

impl OwnBlobs {
    /// Opens the store and serves it.
    pub fn serve(store: &StoreLocation) -> Result<Self, CallError> {
        let runtime = Runtime::new().map_err(CallError::Serve)?;
        let store = runtime.block_on(store.open())?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).map_err(CallError::Serve)?;
        let address = listener.local_addr().map_err(CallError::Serve)?;
        let config = HttpConfig { host_policy: HostPolicy::of(address), ..HttpConfig::default() };
        let app = blob_routes(AppState::new(store, config));
        let connections = ServeConfig { drain_timeout: DRAIN_TIMEOUT, ..ServeConfig::default() };
        let (stop, stopped) = oneshot::channel();
        let stopped = async move { stopped.await.unwrap_or_default() };
        let serving = runtime.spawn(serve(listener, app, stopped, connections));
        Ok(Self { runtime, address, stop, serving })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it, once what is under way is done.
    pub fn end(self) {
        // If nobody listens any more, it has ended.
        let _ = self.stop.send(());
        if let Err(error) = self.runtime.block_on(self.serving) {
            tracing::warn!(%error, "the blob server ended before its time");
        }
        self.runtime.shutdown_timeout(WRITERS_TIMEOUT);
    }
}
