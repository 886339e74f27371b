//! The server, seen from outside of its crate.

mod batch;
mod call;
mod coding;
mod embed;
mod embedded;
mod grpc;
mod http;
mod limits;
mod list;
mod openapi;
mod postgres;
mod process;
mod ranges;
mod serve;
mod stepflow;
mod store;
mod support;
mod value;
