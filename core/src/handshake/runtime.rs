//! The runtime's side: [`Runtime`] → [`Initializing`] → [`Session`] ⇄ [`Executing`].

use alloc::string::{String, ToString as _};
use core::fmt;

use super::{Capabilities, EXECUTE, INITIALIZE, INITIALIZED, PROTOCOL_VERSION};
use crate::members::pick_members;
use crate::rpc::{Message, MessageError, RequestId, RpcError, json_string, shape};
use crate::{Error, Limits, canonicalize};

/// A runtime that has said nothing yet.
///
/// ```
/// use isoblob_core::handshake::{Capabilities, Runtime};
///
/// let capabilities =
///     Capabilities { blob_api_url: Some("http://localhost:7837/api/v1/blobs".parse()?), blob_threshold: 0 };
/// let (request, initializing) = Runtime::new(capabilities).initialize();
/// assert_eq!(
///     request,
///     r#"{"jsonrpc":"2.0","id":"1","method":"initialize","params":{"runtimeProtocolVersion":1,"capabilities":{"blobApiUrl":"http://localhost:7837/api/v1/blobs"}}}"#
/// );
/// let answer = br#"{"jsonrpc":"2.0","id":"1","result":{"serverProtocolVersion":1}}"#;
/// let (notification, session) = initializing.answered(answer)?;
/// assert_eq!(notification, r#"{"jsonrpc":"2.0","method":"initialized","params":{}}"#);
///
/// let (request, executing) = session.execute("/double", "21")?;
/// let answer = br#"{"jsonrpc":"2.0","id":"2","result":{"output":42}}"#;
/// let (output, session) = executing.answered(answer)?;
/// assert_eq!(output, "42");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Runtime {
    capabilities: Capabilities,
}

impl Runtime {
    /// A runtime that offers these capabilities.
    pub fn new(capabilities: Capabilities) -> Self {
        Self { capabilities }
    }

    /// The request `initialize`, and who waits for its answer.
    pub fn initialize(self) -> (String, Initializing) {
        let ids = Ids(1);
        let params = self.capabilities.to_params();
        let request = Message::Request { id: ids.last(), method: INITIALIZE.into(), params: Some(&params) };
        (request.to_string(), Initializing { ids })
    }

    /// The answer to a request of the component server itself, such as `runs/submit`: only an orchestrator, which runs
    /// flows, could do it.
    pub fn refuse(id: RequestId, method: &str) -> String {
        let message =
            format!("`{method}` needs an orchestrator: this runtime executes one component and runs no flows");
        let error = RpcError { code: RpcError::METHOD_NOT_FOUND, message, data: None };
        Message::Failure { id: Some(id), error }.to_string()
    }
}

/// A runtime that waits for the answer of `initialize`.
#[derive(Debug)]
pub struct Initializing {
    ids: Ids,
}

impl Initializing {
    /// Reads the answer: the notification `initialized`, and the session that begins when it has been sent.
    ///
    /// # Errors
    ///
    /// It is not the answer, or an error, or the component server speaks a version that is not known here.
    pub fn answered(self, answer: &[u8]) -> Result<(String, Session), HandshakeError> {
        let result = self.ids.result_in(answer)?;
        let keys = ["serverProtocolVersion", "supportsBlobRefs"];
        let [version, references] = pick_members(result, keys).map_err(MessageError::from)?.unwrap_or_default();
        let version = version.and_then(|version| version.parse().ok());
        let version = version
            .ok_or_else(|| shape("the result of `initialize` must have a `serverProtocolVersion`, a whole number"))?;
        if version > PROTOCOL_VERSION {
            return Err(HandshakeError::Version(version));
        }
        let notification = Message::Notification { method: INITIALIZED.into(), params: Some("{}") };
        let supports_blob_refs = references == Some("true");
        Ok((notification.to_string(), Session { ids: self.ids, server_protocol_version: version, supports_blob_refs }))
    }
}

/// A runtime whose component server is initialized.
#[derive(Debug)]
pub struct Session {
    ids: Ids,
    server_protocol_version: u64,
    supports_blob_refs: bool,
}

impl Session {
    /// The version of the protocol that the component server speaks.
    pub fn server_protocol_version(&self) -> u64 {
        self.server_protocol_version
    }

    /// Whether the component server resolves references to blobs in inputs, and may answer with some.
    pub fn supports_blob_refs(&self) -> bool {
        self.supports_blob_refs
    }

    /// The request that runs a component with an input, which goes as it stands, and who waits for its answer.
    ///
    /// The component is named as its server names it, such as `/store`.
    ///
    /// # Errors
    ///
    /// The input is not JSON that the core reads.
    pub fn execute(mut self, component: &str, input: &str) -> Result<(String, Executing), Error> {
        canonicalize(input.as_bytes(), Limits::default())?;
        self.ids.0 += 1;
        // The orchestrator says more here, of a run that there is none of. SDKs want the member.
        let params = format!(
            r#"{{"component":{},"input":{},"attempt":1,"observability":{{}}}}"#,
            json_string(component),
            input.trim_ascii()
        );
        let request = Message::Request { id: self.ids.last(), method: EXECUTE.into(), params: Some(&params) };
        Ok((request.to_string(), Executing { session: self }))
    }
}

/// A runtime that waits for the answer of `components/execute`.
#[derive(Debug)]
pub struct Executing {
    session: Session,
}

impl Executing {
    /// Reads the answer: the component's output, as it stands there, and the session, which goes on.
    ///
    /// # Errors
    ///
    /// It is not the answer, or an error.
    pub fn answered(self, answer: &[u8]) -> Result<(&str, Session), HandshakeError> {
        let result = self.session.ids.result_in(answer)?;
        let [output] = pick_members(result, ["output"]).map_err(MessageError::from)?.unwrap_or_default();
        let output = output.ok_or_else(|| shape("the result of `components/execute` must have an `output`"))?;
        Ok((output, self.session))
    }
}

/// How many requests were sent; the number is the id of the last.
#[derive(Debug)]
struct Ids(u64);

impl Ids {
    fn last(&self) -> RequestId {
        RequestId::Text(self.0.to_string())
    }

    /// The result that the response of the last request carries.
    fn result_in<'t>(&self, response: &'t [u8]) -> Result<&'t str, HandshakeError> {
        match Message::parse(response, Limits::default())? {
            Message::Success { id, result } if id == self.last() => Ok(result),
            Message::Failure { id, error } if id.is_none() || id == Some(self.last()) => {
                Err(HandshakeError::Refused(error))
            }
            _ => Err(shape("the message is not the response of the request that was sent").into()),
        }
    }
}

/// Why a step of the runtime's side failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The component server answered with an error.
    Refused(RpcError),
    /// The component server answered with something else than the protocol asks for.
    Message(MessageError),
    /// The component server speaks a version of the protocol that is not known here.
    Version(u64),
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => error.fmt(f),
            Self::Message(error) => error.fmt(f),
            Self::Version(version) => write!(
                f,
                "the component server speaks version {version} of the protocol, and {PROTOCOL_VERSION} is the greatest known here"
            ),
        }
    }
}

impl core::error::Error for HandshakeError {}

impl From<MessageError> for HandshakeError {
    fn from(error: MessageError) -> Self {
        Self::Message(error)
    }
}

#[cfg(test)]
mod tests;
