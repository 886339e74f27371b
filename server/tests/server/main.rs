//! The server, seen from outside of its crate.

mod access;
mod call;
mod cli;
mod embed;
mod embedded;
mod grpc;
mod http;
mod limits;
mod metrics;
mod postgres;
mod process;
mod serve;
mod serving;
mod stepflow;
mod store;
mod support;
mod tls;
mod traces;
