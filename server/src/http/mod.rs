//! HTTP: [`app`] is the whole of it, the same for the server and for its tests.

mod accept;
pub(crate) mod admission;
mod batch;
pub(crate) mod blobs;
mod body;
mod buffer;
mod coding;
mod conditional;
mod cors;
mod disposition;
pub(crate) mod door;
pub(crate) mod error;
mod guard;
mod health;
pub(crate) mod memory;
mod metrics;
mod openapi;
mod page;
mod query;
mod range;
pub(crate) mod rate;
pub(crate) mod request_id;
mod sized;
mod spare;
mod state;
mod stats;
mod weighted;

use axum::Router;
use axum::extract::Request;
use axum::middleware;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use error::ErrorBody;
pub use guard::HostPolicy;
pub use state::{AppState, HttpConfig};

use error::{ApiError, Reason};

/// The server's routes over a store.
pub fn app(state: AppState) -> Router {
    let cors = cors::layer(&state.config().allowed_origins);
    let app = Router::from(api())
        .merge(page::routes())
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(page::file)
        .layer(middleware::from_fn_with_state(state.clone(), door::pass))
        .with_state(state);
    match cors {
        Some(cors) => app.layer(cors),
        None => app,
    }
}

/// The routes that the API's document describes: all but those of the page.
fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(blobs::routes())
        .merge(batch::routes())
        .routes(routes!(stats::stats))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(metrics::metrics))
        .merge(openapi::routes())
}

/// The blob routes alone, `/api/v1/blobs` and what is under it, over a store: to be merged into the routes of another
/// axum application, such as an orchestrator that serves blobs itself.
///
/// Limits, request ids and the log are those of [`app`]; what is refused is refused as there. The application's own
/// routes and fallback are left alone, and what preflight requests of browsers are told is its own, too.
/// `examples/embed.rs` is a whole program.
///
/// ```
/// use std::sync::Arc;
///
/// use axum::Router;
/// use axum::routing::get;
/// use isoblob_server::http::{AppState, HttpConfig, blob_routes};
/// use isoblob_server::store::MemoryStore;
///
/// let blobs = AppState::new(Arc::new(MemoryStore::default()), HttpConfig::default());
/// let app: Router = Router::new().route("/api/v1/health", get(|| async { "healthy" })).merge(blob_routes(blobs));
/// ```
pub fn blob_routes<S: Clone + Send + Sync + 'static>(state: AppState) -> Router<S> {
    Router::from(blobs::routes())
        .method_not_allowed_fallback(method_not_allowed)
        .route_layer(middleware::from_fn_with_state(state.clone(), door::pass))
        .with_state(state)
}

async fn method_not_allowed(request: Request) -> ApiError {
    let (method, path) = (request.method(), request.uri().path());
    let error = ApiError::new(Reason::MethodNotAllowed, format!("{method} is not a method of {path}"));
    body::refuse(request, error)
}
