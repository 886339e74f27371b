//! One canonical form and one id for JSON, everywhere: bytes in, bytes and ids out.
//!
//! A blob's id is the SHA-256 of its canonical bytes, so the same data has the same id whoever wrote it, in whatever
//! key order, from whatever language, and anyone who reads it can check it. The form is RFC 8785 (JSON
//! Canonicalization Scheme), made total and lossless: integers keep every digit, equal keys are refused.
//!
//! ```
//! use isoblob_core::{Blob, BlobId, BlobType, Limits};
//!
//! let blob = Blob::data(br#"{ "b": [1.0, 505874924095815681], "a": "\u00e9" }"#, Limits::default())?;
//! assert_eq!(blob.bytes(), r#"{"a":"é","b":[1,505874924095815681]}"#.as_bytes());
//! assert_eq!(blob.id(), BlobId::of(blob.bytes()));
//!
//! // Whoever reads a blob can prove it.
//! let read = blob.bytes().to_vec();
//! assert!(Blob::verify(blob.id(), BlobType::Data, read).is_ok());
//! # Ok::<(), isoblob_core::Error>(())
//! ```
//!
//! There is no I/O here, no clock, no `async`, no logging: the crate compiles to WebAssembly as it is.

#![cfg_attr(not(test), no_std)]

#[macro_use]
extern crate alloc;

mod batch;
mod blob;
mod blob_type;
mod canonicalize;
mod cursor;
mod envelope;
mod error;
mod explain;
mod fault;
mod find;
mod flow;
pub mod handshake;
mod hasher;
mod id;
mod inexact;
mod json_type;
mod limits;
mod locate;
mod members;
mod pointer;
mod references;
pub mod rpc;
mod view;

pub use batch::{BatchIdsRequest, BatchPutRequest};
pub use blob::{Blob, Mismatch, VerifyError};
pub use blob_type::{BlobType, ParseBlobTypeError};
pub use canonicalize::canonicalize;
pub use envelope::{BlobEnvelope, EnvelopeFrame, PutRequest, PutResponse};
pub use error::{Error, ErrorKind, Position};
pub use explain::{
    Change, ChangeKind, Difference, DifferenceKind, ExplainError, Explanation, Side, explain, explain_text,
};
pub use find::{JsonPointer, ParsePointerError, find_value};
pub use flow::validate_flow;
pub use hasher::IdHasher;
pub use id::{BlobId, ParseBlobIdError};
pub use inexact::{InexactNumber, find_inexact_number};
pub use json_type::JsonType;
pub use limits::{
    Limits, MAX_BATCH_BLOBS, MAX_DEPTH, MAX_DIFFERENCES, MAX_EXCERPT_BYTES, MAX_POINTER_BYTES,
    MAX_REFERENCE_POINTERS_BYTES, MAX_TEXT_BYTES,
};
pub use references::{Reference, find_references};
