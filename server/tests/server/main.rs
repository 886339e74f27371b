//! The server, seen from outside of its crate.

mod access;
mod batch;
mod call;
mod care;
mod cli;
mod coding;
mod embed;
mod embedded;
mod grpc;
mod http;
mod large;
mod limits;
mod list;
mod metrics;
mod openapi;
mod postgres;
mod process;
mod ranges;
mod serve;
mod serving;
mod stepflow;
mod store;
mod support;
mod tls;
mod traces;
mod value;
