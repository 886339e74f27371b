//! The handshake of Stepflow's worker protocol, without I/O: how a runtime tells a component server where blobs are.
//!
//! ```text
//! runtime                                                       component server
//!    │ initialize {"runtimeProtocolVersion":1,                         │
//!    │             "capabilities":{"blobApiUrl":"…","blobThreshold":n}}│
//!    ├────────────────────────────────────────────────────────────────►│
//!    │                                  {"serverProtocolVersion":1,…}  │
//!    │◄────────────────────────────────────────────────────────────────┤
//!    │ initialized                                                     │
//!    ├────────────────────────────────────────────────────────────────►│
//!    │ components/execute {"component":"/store","input":…}             │
//!    ├────────────────────────────────────────────────────────────────►│
//! ```
//!
//! [`Runtime`] is the one side: each state is a type, and each step hands out the message to send and the next state, so
//! that no message can be sent before its turn. [`ComponentServer`] is the other side. Messages are those of
//! [`rpc`](crate::rpc), which any transport may carry; Stepflow's is `POST` of HTTP.

mod blob_api_url;
mod capabilities;
mod component_server;
mod runtime;

pub use blob_api_url::{BlobApiUrl, ParseBlobApiUrlError};
pub use capabilities::Capabilities;
pub use component_server::{ComponentServer, NoBlobApi};
pub use runtime::{Executing, HandshakeError, Initializing, Runtime, Session};

/// The greatest version of the protocol that is spoken here, and the one that Stepflow speaks: 1.
pub const PROTOCOL_VERSION: u64 = 1;

/// The request that begins the handshake.
pub const INITIALIZE: &str = "initialize";

/// The notification that ends it.
pub const INITIALIZED: &str = "initialized";

/// The request that runs a component.
pub const EXECUTE: &str = "components/execute";
