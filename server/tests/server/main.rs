//! The server, seen from outside of its crate.

mod access;
mod call;
mod embed;
mod embedded;
mod grpc;
mod http;
mod limits;
mod postgres;
mod process;
mod serve;
mod stepflow;
mod store;
mod support;
mod tls;
