//! Black-box tests of the server: the binary `isoblob` as its users run it, spoken to over TCP and nothing else.
//!
//! `ISOBLOB_BIN` names the binary. Where it is not set, cargo builds it. `ISOBLOB_DEEP` has the tests of crashes and of
//! load do what takes long: `cargo xtask deep`.

#![allow(clippy::unwrap_used, reason = "these are tests")]

mod client;
mod process;
mod random;
mod vectors;

mod binary;
mod crash;
mod data;
#[cfg(target_os = "linux")]
mod full;
mod headers;
#[cfg(target_os = "linux")]
mod load;
mod many;
mod parts;
mod refused;
mod requests;
mod shutdown;

/// How often, how many, how much: the second where the tests are to take long.
fn scaled<T>(quick: T, deep: T) -> T {
    if std::env::var_os("ISOBLOB_DEEP").is_some() { deep } else { quick }
}
