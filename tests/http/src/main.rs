//! Black-box tests of the server: the binary `isoblob` as its users run it, spoken to over TCP and nothing else.
//!
//! `ISOBLOB_BIN` names the binary. Where it is not set, cargo builds it.

#![allow(clippy::unwrap_used, reason = "these are tests")]

mod client;
mod process;
mod random;
mod vectors;

mod binary;
mod crash;
mod data;
mod headers;
mod many;
mod parts;
mod refused;
mod requests;
mod shutdown;
