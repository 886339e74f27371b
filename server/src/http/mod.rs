//! HTTP: [`app`] is the whole of it, the same for the server and for its tests.

mod accept;
mod blobs;
mod body;
mod conditional;
mod disposition;
mod door;
mod error;
mod guard;
mod health;
mod page;
mod request_id;
mod state;

use axum::Router;
use axum::extract::Request;
use axum::middleware;
use axum::routing::get;

pub use error::ErrorBody;
pub use guard::HostPolicy;
pub use state::{AppState, HttpConfig};

use error::{ApiError, Reason};

/// The server's routes over a store.
pub fn app(state: AppState) -> Router {
    Router::new()
        .merge(blobs::routes())
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .merge(page::routes())
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(page::file)
        .layer(middleware::from_fn_with_state(state.clone(), door::pass))
        .with_state(state)
}

async fn method_not_allowed(request: Request) -> ApiError {
    let (method, path) = (request.method(), request.uri().path());
    let error = ApiError::new(Reason::MethodNotAllowed, format!("{method} is not a method of {path}"));
    body::refuse(request, error)
}
