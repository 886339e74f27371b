//! What is shared with Stepflow: `blobApi` of its `stepflow-config.yml`.

mod blob_api;
mod error;
mod expand;
mod node;

pub use blob_api::{BlobApiConfig, BlobService, DEFAULT_BLOB_THRESHOLD, Scheme};
pub use error::ConfigError;
