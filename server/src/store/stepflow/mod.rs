//! The stores of Stepflow's orchestrators, of release 0.10 and later, beside the orchestrator that owns them.
//!
//! ```text
//! SQLite, PostgreSQL   blobs(id TEXT PRIMARY KEY, data BLOB|BYTEA, blob_type TEXT, filename TEXT, created_at TEXT)
//! files                ab/<id>.blob: the content, {"blob_type":"…","filename":"…"}, the content's length
//! ```
//!
//! An orchestrator's ids are the SHA-256 of the content too, so that reads verify as anywhere. What it stores is JSON as
//! it came, which mostly is not canonical: that is served under the id it has, and
//! [`Blob::is_canonical`](isoblob_core::Blob::is_canonical) tells. What is put here is canonical, and the orchestrator
//! finds it under the same id.
//!
//! The schema is the orchestrator's. Where it has not made its table yet, the one that its own migration makes is made,
//! which that migration then finds and leaves as it is; nothing else is changed.

mod blob_file;
mod created_at;
mod error;
mod files;
mod found;
mod location;
mod postgres;
mod sqlite;

pub use error::StepflowOpenError;
pub use files::StepflowFileStore;
pub use location::{MissingDatabase, ParseLocationError, PostgresUrl, SCHEME_PREFIX, SqliteUrl, StepflowLocation};
pub use postgres::StepflowPostgresStore;
pub use sqlite::StepflowSqliteStore;
