//! An orchestrator that serves blobs itself: its own routes and isoblob's in one axum application.
//!
//! ```console
//! $ cargo run -p isoblob-server --example embed
//! component servers are told to find blobs at http://localhost:37175/api/v1/blobs
//! ```

use std::error::Error;
use std::io;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use isoblob_server::http::{AppState, HostPolicy, HttpConfig, blob_routes};
use isoblob_server::serve::{ServeConfig, serve};
use isoblob_server::shutdown::Signals;
use isoblob_server::stepflow::{BlobApiConfig, Scheme};
use isoblob_server::store::{MemoryStore, Store};
use tokio::net::TcpListener;

/// Serves the orchestrator's routes and those of blobs until `stop` resolves.
///
/// # Errors
///
/// The listener has no address.
pub async fn orchestrate(
    listener: TcpListener,
    config: &BlobApiConfig,
    store: Arc<dyn Store>,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    // `config.capabilities(Scheme::Http, address)` is what an orchestrator passes to component servers in `initialize`.
    println!("component servers are told to find blobs at {}", config.url(Scheme::Http, address));

    let limits = HttpConfig { host_policy: HostPolicy::of(address), ..HttpConfig::default() };
    let app = Router::new()
        .route("/api/v1/health", get(|| async { "healthy\n" }))
        .merge(blob_routes(AppState::new(store, limits)));
    serve(listener, app, stop, ServeConfig::default()).await;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let config =
        std::env::args_os().nth(1).map_or(Ok(BlobApiConfig::default()), |path| BlobApiConfig::read(path.as_ref()))?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut signals = Signals::listen()?;
    let stop = async move {
        signals.wait().await;
    };
    // In memory for the example; `StoreLocation` opens a durable one, and any `Store` will do.
    orchestrate(listener, &config, Arc::new(MemoryStore::default()), stop).await?;
    Ok(())
}
