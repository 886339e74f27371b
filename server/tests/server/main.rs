//! The server, seen from outside of its crate.

mod embedded;
mod http;
mod limits;
mod process;
mod serve;
mod store;
mod support;
