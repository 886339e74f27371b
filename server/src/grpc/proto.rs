//! The messages and the service of `stepflow/v1/blobs.proto`, generated.
//!
//! A `google.protobuf.Value` is left as the bytes that it is encoded in: `Value::decode(&*bytes)` of `prost-types` reads
//! it.

#![allow(missing_docs, clippy::pedantic, unused_qualifications, reason = "generated")]

tonic::include_proto!("stepflow.v1");

/// What reflection tells of the service.
pub(super) const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
