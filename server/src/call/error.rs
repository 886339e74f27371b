//! [`CallError`]: why a call has no output.

use std::io;

use isoblob_core::handshake::HandshakeError;
use isoblob_core::rpc::{MessageError, RpcError};

use crate::stepflow::ConfigError;
use crate::store::OpenError;

/// Why a call has no output.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The input cannot be read.
    #[error("cannot read the input from {from}")]
    ReadInput {
        /// Where it was to come from.
        from: String,
        /// Why.
        source: io::Error,
    },
    /// The input is not JSON.
    #[error("the input is refused: {0}")]
    Input(isoblob_core::Error),
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The store of `--serve` cannot be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// Blobs cannot be served.
    #[error("cannot serve blobs")]
    Serve(#[source] io::Error),
    /// The output cannot be printed.
    #[error("cannot print the output")]
    Print(#[source] io::Error),
    /// The component server cannot be reached, or broke off.
    #[error("no answer from the component server at {url}")]
    Unreachable {
        /// Where it was to be.
        url: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The component server answered with something that is not of the protocol.
    #[error("{0}")]
    Answer(String),
    /// The component server answered with something that is no message.
    #[error("the component server answered with something else than JSON-RPC: {0}")]
    Message(#[from] MessageError),
    /// The component server refused to be initialized.
    #[error("the component server refused to be initialized: {0}")]
    Refused(RpcError),
    /// The component server spoke out of turn, or another version.
    #[error("the component server does not speak the protocol as expected: {0}")]
    Handshake(HandshakeError),
    /// The component failed.
    #[error("the component {component} failed: {error}{}", details(.error, *.offered_blobs))]
    Component {
        /// Its name.
        component: String,
        /// What its server says.
        error: RpcError,
        /// Whether the component server was told where blobs are.
        offered_blobs: bool,
    },
}

impl CallError {
    /// The status with which the process ends: 1 for what is wrong here, 3 for a component server that cannot be
    /// reached or does not speak the protocol, 4 for a component that failed. (2 is a wrong command line.)
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::ReadInput { .. }
            | Self::Input(_)
            | Self::Config(_)
            | Self::Store(_)
            | Self::Serve(_)
            | Self::Print(_) => 1,
            Self::Unreachable { .. } | Self::Answer(_) | Self::Message(_) | Self::Refused(_) | Self::Handshake(_) => 3,
            Self::Component { .. } => 4,
        }
    }
}

/// What else there is to say of a component that failed.
fn details(error: &RpcError, offered_blobs: bool) -> String {
    let mut details = match error.data.as_deref() {
        None | Some("{}") => String::new(),
        Some(data) => format!(", data: {data}"),
    };
    if !offered_blobs && error.message.to_ascii_lowercase().contains("blob") {
        details.push_str("\nIt was not told where blobs are: --serve, --blob-api-url or --config says it.");
    }
    details
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_that_failed_is_quoted() {
        let check = |message: &str, data: Option<&str>, offered_blobs, expected: &str| {
            let error = RpcError { code: -32100, message: message.into(), data: data.map(String::from) };
            let error = CallError::Component { component: "/store".into(), error, offered_blobs };
            assert_eq!((error.to_string().as_str(), error.exit_code()), (expected, 4));
        };
        check("No", Some("{}"), false, "the component /store failed: No (code -32100)");
        check("No", Some("[1]"), true, "the component /store failed: No (code -32100), data: [1]");
        check("No blob", None, true, "the component /store failed: No blob (code -32100)");
        check(
            "Blob API URL not configured.",
            None,
            false,
            "the component /store failed: Blob API URL not configured. (code -32100)\n\
            It was not told where blobs are: --serve, --blob-api-url or --config says it.",
        );
    }
}
