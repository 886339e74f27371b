//! The core of isoblob, and a client that verifies what it fetched, compiled for JavaScript.
//!
//! These exports are the inner side of the npm package `isoblob`, whose hand-written modules (`wasm/npm`) check the
//! types of arguments, turn a thrown `Fault` into a `BlobError`, and document the API. Texts and bytes go in and come
//! out; nothing that JavaScript holds must be freed.

mod client;
mod content;
mod fault;
