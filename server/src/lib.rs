//! The server of isoblob: content-addressed JSON over HTTP and gRPC, with verified reads and durable writes.
//!
//! The folder reads as a request's path: [`serve`] takes its connection, [`http`] or [`grpc`] its meaning, [`store`] its
//! bytes. Ids and canonical forms are [`isoblob_core`]'s alone.
//!
//! ```
//! use std::sync::Arc;
//!
//! use axum::body::Body;
//! use axum::http::{Request, StatusCode};
//! use isoblob_server::http::{AppState, HttpConfig, app};
//! use isoblob_server::store::MemoryStore;
//! use tower::ServiceExt as _;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let app = app(AppState::new(Arc::new(MemoryStore::default()), HttpConfig::default()));
//! let put = Request::post("/api/v1/blobs")
//!     .header("content-type", "application/octet-stream")
//!     .body(Body::from("hello"))?;
//! assert_eq!(app.oneshot(put).await?.status(), StatusCode::OK);
//! # Ok(())
//! # }
//! ```

mod agent;
pub mod app;
pub mod auth;
pub mod call;
pub mod cli;
mod compute;
pub mod config;
mod filename;
pub mod grpc;
pub mod http;
pub mod metrics;
pub mod open_files;
pub mod reload;
pub mod serve;
pub mod shutdown;
pub mod stepflow;
pub mod store;
pub mod telemetry;
mod timestamp;
pub mod tls;

pub use filename::{Filename, FilenameError, MAX_FILENAME_BYTES};
