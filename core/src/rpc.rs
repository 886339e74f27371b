//! JSON-RPC 2.0 messages, as Stepflow's worker protocol uses them: [`Message`].
//!
//! What a message carries (`params`, `result`) is JSON as it stands in the text: nothing of it is written anew, so no
//! digit of it changes.

mod error;
mod id;
mod message;

pub(crate) use error::shape;
pub use error::{MessageError, RpcError};
pub use id::RequestId;
pub(crate) use id::json_string;
pub use message::Message;
