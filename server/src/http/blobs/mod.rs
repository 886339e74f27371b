//! `/api/v1/blobs`: Stepflow's Blob HTTP API.

mod content;
mod get;
mod id_path;
mod list;
mod put;
mod value;

pub use content::envelope;
pub use list::{BlobList, ListItem};
pub use put::filename_of;

use axum::http::HeaderName;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AppState;

/// Carries a filename with a binary put.
pub const X_BLOB_FILENAME: HeaderName = HeaderName::from_static("x-blob-filename");

/// Tells the type of a blob with its raw bytes.
pub const X_BLOB_TYPE: HeaderName = HeaderName::from_static("x-blob-type");

/// The hash of the raw bytes (RFC 9530, section 3).
pub const REPR_DIGEST: HeaderName = HeaderName::from_static("repr-digest");

/// Tells, as `false`, that the bytes are JSON in another form than the canonical one: another program stored them.
/// A header of HTTP and the metadata of gRPC.
pub const X_BLOB_CANONICAL: &str = "x-blob-canonical";

/// The routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, put::post))
        .routes(routes!(get::get, get::head, put::put))
        .routes(routes!(value::value))
}
