//! The component server's side: [`ComponentServer`].

use alloc::string::{String, ToString as _};
use core::fmt;

use super::{BlobApiUrl, Capabilities, INITIALIZE, INITIALIZED, PROTOCOL_VERSION};
use crate::rpc::{Message, RpcError, shape};

/// What a component server knows of its runtime.
///
/// ```
/// use isoblob_core::Limits;
/// use isoblob_core::handshake::ComponentServer;
/// use isoblob_core::rpc::Message;
///
/// let mut server = ComponentServer::default();
/// let request = br#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"runtimeProtocolVersion":1,"capabilities":{}}}"#;
/// let answer = server.receive(&Message::parse(request, Limits::default())?);
/// assert_eq!(answer.as_deref(), Some(r#"{"jsonrpc":"2.0","id":1,"result":{"serverProtocolVersion":1}}"#));
///
/// let error = server.blob_api_url().unwrap_err();
/// assert!(error.to_string().starts_with("the runtime gave no blobApiUrl"));
/// # Ok::<(), isoblob_core::rpc::MessageError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ComponentServer {
    /// No runtime has initialized it.
    #[default]
    Uninitialized,
    /// It answered `initialize`, and waits for `initialized`.
    Initializing(Capabilities),
    /// A runtime has initialized it.
    Initialized(Capabilities),
}

impl ComponentServer {
    /// Takes a message, and hands out the answer to send, if it asks for one.
    ///
    /// `initialize` is taken in every state: the runtime may have started anew. What is neither of the handshake's two
    /// messages changes nothing here and is not answered.
    pub fn receive(&mut self, message: &Message<'_>) -> Option<String> {
        match message {
            Message::Request { id, method, params } if method == INITIALIZE => {
                let read = params.ok_or_else(|| shape("`initialize` must have `params`"));
                let answer = match read.and_then(Capabilities::from_params) {
                    Ok(capabilities) => {
                        *self = Self::Initializing(capabilities);
                        let result = format!(r#"{{"serverProtocolVersion":{PROTOCOL_VERSION}}}"#);
                        Message::Success { id: id.clone(), result: &result }.to_string()
                    }
                    Err(error) => {
                        let error = RpcError { code: RpcError::INVALID_PARAMS, message: error.to_string(), data: None };
                        Message::Failure { id: Some(id.clone()), error }.to_string()
                    }
                };
                Some(answer)
            }
            Message::Notification { method, .. } if method == INITIALIZED => {
                if let Self::Initializing(capabilities) = self {
                    *self = Self::Initialized(core::mem::take(capabilities));
                }
                None
            }
            _ => None,
        }
    }

    /// Where blobs are: what every put and get of a component begins with.
    ///
    /// # Errors
    ///
    /// No runtime has said it.
    pub fn blob_api_url(&self) -> Result<&BlobApiUrl, NoBlobApi> {
        match self {
            Self::Uninitialized => Err(NoBlobApi::Uninitialized),
            Self::Initializing(capabilities) | Self::Initialized(capabilities) => {
                capabilities.blob_api_url.as_ref().ok_or(NoBlobApi::NotOffered)
            }
        }
    }

    /// The bytes of JSON past which a field is replaced by a reference to a blob; 0: never, as where no runtime has said
    /// where blobs are.
    pub fn blob_threshold(&self) -> u64 {
        match self {
            Self::Initializing(capabilities) | Self::Initialized(capabilities)
                if capabilities.blob_api_url.is_some() =>
            {
                capabilities.blob_threshold
            }
            _ => 0,
        }
    }
}

/// Why a component cannot put or get blobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoBlobApi {
    /// No runtime has initialized the component server.
    Uninitialized,
    /// The runtime did not say where blobs are.
    NotOffered,
}

impl fmt::Display for NoBlobApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Uninitialized => "no runtime has initialized this component server, so it does not know where blobs are",
            Self::NotOffered => {
                "the runtime gave no blobApiUrl when it initialized this component server; set blobApi.url in its configuration"
            }
        })
    }
}

impl core::error::Error for NoBlobApi {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    const URL: &str = "http://localhost:7837/api/v1/blobs";

    fn receive(server: &mut ComponentServer, text: &str) -> Option<String> {
        server.receive(&Message::parse(text.as_bytes(), Limits::default()).expect(text))
    }

    fn initialize(params: &str) -> String {
        format!(r#"{{"jsonrpc":"2.0","id":"a","method":"initialize","params":{params}}}"#)
    }

    fn offered(url: &str, blob_threshold: u64) -> Capabilities {
        Capabilities { blob_api_url: Some(url.parse().expect("a URL")), blob_threshold }
    }

    #[test]
    fn takes_what_runtimes_send() {
        let check = |params: &str, expected: Capabilities| {
            let mut server = ComponentServer::default();
            let answer = receive(&mut server, &initialize(params));
            assert_eq!(answer.as_deref(), Some(r#"{"jsonrpc":"2.0","id":"a","result":{"serverProtocolVersion":1}}"#));
            assert_eq!(server, ComponentServer::Initializing(expected.clone()), "{params}");
            assert_eq!(receive(&mut server, r#"{"jsonrpc":"2.0","method":"initialized","params":{}}"#), None);
            assert_eq!(server, ComponentServer::Initialized(expected), "{params}");
        };
        // As orchestrator 0.11.1 writes it.
        check(
            r#"{"runtimeProtocolVersion":1,"capabilities":{"blobApiUrl":"http://localhost:7837/api/v1/blobs","blobThreshold":1048576}}"#,
            offered(URL, 1 << 20),
        );
        check(
            r#"{"runtimeProtocolVersion":2,"observability":null,"capabilities":{"blobApiUrl":"http:\/\/a","blobThreshold":null,"more":1}}"#,
            offered("http://a", 0),
        );
        check(r#"{"runtimeProtocolVersion":1,"capabilities":null}"#, Capabilities::default());
        check(r#"{"runtimeProtocolVersion":1}"#, Capabilities::default());
        // What the runtime's side writes.
        for capabilities in [offered(URL, 0), offered(URL, 7), Capabilities::default()] {
            check(&capabilities.to_params(), capabilities);
        }
    }

    #[test]
    fn refuses_what_is_no_offer_and_stays_as_it_was() {
        let check = |params: &str, message: &str| {
            let mut server = ComponentServer::Initialized(offered(URL, 0));
            let expected = format!(r#"{{"jsonrpc":"2.0","id":"a","error":{{"code":-32602,"message":"{message}"}}}}"#);
            assert_eq!(receive(&mut server, &initialize(params)), Some(expected), "{params}");
            assert_eq!(server, ComponentServer::Initialized(offered(URL, 0)));
        };
        check("[]", "`initialize` must have a `runtimeProtocolVersion`, a whole number");
        check(r#"{"runtimeProtocolVersion":"1"}"#, "`initialize` must have a `runtimeProtocolVersion`, a whole number");
        let of = |capabilities: &str| format!(r#"{{"runtimeProtocolVersion":1,"capabilities":{capabilities}}}"#);
        check(&of("[]"), "`capabilities` must be an object");
        check(&of(r#"{"blobApiUrl":1}"#), "`blobApiUrl` must be a string");
        check(
            &of(r#"{"blobApiUrl":"${URL}"}"#),
            "`blobApiUrl` is not one: a blob API's URL begins with http:// or https://",
        );
        check(&of(r#"{"blobThreshold":-1}"#), "`blobThreshold` must be a whole number");
    }

    #[test]
    fn a_blob_call_finds_the_url_or_says_what_is_missing() {
        let check = |server: ComponentServer, expected: Result<&str, &str>, threshold: u64| {
            let found = server.blob_api_url().map(BlobApiUrl::as_str).map_err(|error| error.to_string());
            assert_eq!(found.as_ref().map_err(String::as_str).copied(), expected);
            assert_eq!(server.blob_threshold(), threshold);
        };
        let not_offered = "the runtime gave no blobApiUrl when it initialized this component server; \
            set blobApi.url in its configuration";
        check(
            ComponentServer::Uninitialized,
            Err("no runtime has initialized this component server, so it does not know where blobs are"),
            0,
        );
        let threshold_alone = Capabilities { blob_api_url: None, blob_threshold: 7 };
        check(ComponentServer::Initializing(Capabilities::default()), Err(not_offered), 0);
        check(ComponentServer::Initialized(threshold_alone), Err(not_offered), 0);
        check(ComponentServer::Initializing(offered(URL, 7)), Ok(URL), 7);
        check(ComponentServer::Initialized(offered(URL, 0)), Ok(URL), 0);
    }

    #[test]
    fn leaves_other_messages_alone() {
        for text in [
            r#"{"jsonrpc":"2.0","id":1,"method":"components/list","params":{}}"#,
            r#"{"jsonrpc":"2.0","method":"initialized","params":{}}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
        ] {
            let mut server = ComponentServer::default();
            assert_eq!((receive(&mut server, text), server), (None, ComponentServer::Uninitialized), "{text}");
        }
    }
}
