//! `/api/v1/blobs`: Stepflow's Blob HTTP API.

mod get;
mod id_path;
mod list;
mod put;
mod value;

pub use get::envelope;
pub use put::filename_of;

use axum::Router;
use axum::http::HeaderName;
use axum::routing::get;

use super::AppState;

/// Carries a filename with a binary put.
const X_BLOB_FILENAME: HeaderName = HeaderName::from_static("x-blob-filename");

/// Tells the type of a blob with its raw bytes.
const X_BLOB_TYPE: HeaderName = HeaderName::from_static("x-blob-type");

/// Tells, as `false`, that the bytes are JSON in another form than the canonical one: another program stored them.
/// A header of HTTP and the metadata of gRPC.
pub const X_BLOB_CANONICAL: &str = "x-blob-canonical";

/// The routes.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/v1/blobs", get(list::list).post(put::post))
        .route("/api/v1/blobs/{id}", get(get::get).head(get::head).put(put::put))
        .route("/api/v1/blobs/{id}/value", get(value::value))
}
