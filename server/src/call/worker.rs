//! [`Worker`]: a component server, reached over Stepflow's HTTP transport.
//!
//! Every message is a `POST` to one URL. The response of a request comes as `application/json`, or as the last message
//! of a `text/event-stream`, before which the component server may send requests of its own; those are answered by
//! another `POST`, with the `Stepflow-Instance-Id` that the stream came with.

use std::fmt;
use std::io::{BufReader, Read as _};
use std::str::FromStr;
use std::time::Duration;

use isoblob_core::Limits;
use isoblob_core::handshake::Runtime;
use isoblob_core::rpc::Message;
use ureq::Agent;
use ureq::http::header::{ACCEPT, CONTENT_TYPE};
use ureq::http::{HeaderMap, HeaderValue, Response, StatusCode, Uri};

use super::CallError;
use super::event_stream::EventStream;
use crate::agent::agent;
use crate::stepflow::Scheme;

/// Names the process, of several behind one URL, that a stream came from.
const STEPFLOW_INSTANCE_ID: &str = "stepflow-instance-id";

/// What an answer may be. The SDK asks for both.
const ACCEPTED: &str = "application/json, text/event-stream";

/// The most bytes of an answer: those of a text that the core reads, by default.
const MAX_ANSWER_BYTES: usize = 256 << 20;

/// The most bytes of an unexpected answer that an error quotes.
const MAX_QUOTED_BYTES: usize = 500;

/// The URL of a component server: `http://`, a host, and whatever follows.
///
/// ```
/// use isoblob_server::call::WorkerUrl;
///
/// assert!("http://localhost:8080".parse::<WorkerUrl>().is_ok());
/// assert!("localhost:8080".parse::<WorkerUrl>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerUrl(Uri);

impl FromStr for WorkerUrl {
    type Err = ParseWorkerUrlError;

    /// # Errors
    ///
    /// The text is not a URL, or of another scheme.
    fn from_str(text: &str) -> Result<Self, ParseWorkerUrlError> {
        let url: Uri = text.parse().map_err(|_| ParseWorkerUrlError(()))?;
        let has_host = url.host().is_some_and(|host| !host.is_empty());
        if url.scheme_str() == Some("http") && has_host { Ok(Self(url)) } else { Err(ParseWorkerUrlError(())) }
    }
}

impl fmt::Display for WorkerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A text that is not the URL of a component server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a component server's URL begins with http:// and names a host")]
pub struct ParseWorkerUrlError(());

/// A component server.
pub struct Worker {
    agent: Agent,
    url: WorkerUrl,
}

impl Worker {
    /// The component server at this URL, which has this long for each answer.
    pub fn new(url: WorkerUrl, timeout: Duration) -> Self {
        Self { agent: agent(Scheme::Http, timeout), url }
    }

    /// Sends a notification, whose answer has nothing to say.
    pub fn tell(&self, notification: &str) -> Result<(), CallError> {
        let mut response = self.post(notification, None)?;
        if response.status().is_success() {
            return Ok(());
        }
        let body = self.read(&mut response)?;
        Err(unexpected(response.status(), &body))
    }

    /// Sends a request and waits for the message that is its response.
    pub fn ask(&self, request: &str) -> Result<Vec<u8>, CallError> {
        let mut response = self.post(request, None)?;
        match media_type(response.headers()).as_str() {
            "text/event-stream" => self.response_in(response),
            "application/json" => {
                let body = self.read(&mut response)?;
                // The SDK answers some errors with a status of 400 or 500.
                let is_message = response.status().is_success() || Message::parse(&body, Limits::default()).is_ok();
                if is_message { Ok(body) } else { Err(unexpected(response.status(), &body)) }
            }
            _ => {
                let body = self.read(&mut response)?;
                Err(unexpected(response.status(), &body))
            }
        }
    }

    /// The response at the end of a stream, before which requests of the component server may come.
    fn response_in(&self, response: Response<ureq::Body>) -> Result<Vec<u8>, CallError> {
        let instance = response.headers().get(STEPFLOW_INSTANCE_ID).cloned();
        let body = response.into_body().into_with_config().limit(MAX_ANSWER_BYTES as u64).reader();
        for event in EventStream::new(BufReader::new(body)) {
            let event = event.map_err(|error| self.unreachable(error))?;
            match Message::parse(&event, Limits::default())? {
                Message::Request { id, method, .. } => {
                    tracing::warn!("the component asks for `{method}`, which only an orchestrator can do");
                    self.post(&Runtime::refuse(id, &method), instance.as_ref())?;
                }
                Message::Notification { .. } => {}
                Message::Success { .. } | Message::Failure { .. } => return Ok(event),
            }
        }
        Err(CallError::Answer("the component server ended its event stream without a response".into()))
    }

    fn post(&self, message: &str, instance: Option<&HeaderValue>) -> Result<Response<ureq::Body>, CallError> {
        let mut request =
            self.agent.post(&self.url.0).header(CONTENT_TYPE, "application/json").header(ACCEPT, ACCEPTED);
        if let Some(instance) = instance {
            request = request.header(STEPFLOW_INSTANCE_ID, instance);
        }
        request.send(message).map_err(|error| self.unreachable(error))
    }

    fn read(&self, response: &mut Response<ureq::Body>) -> Result<Vec<u8>, CallError> {
        let mut body = Vec::new();
        let mut reader = response.body_mut().with_config().limit(MAX_ANSWER_BYTES as u64).reader();
        reader.read_to_end(&mut body).map_err(|error| self.unreachable(error))?;
        Ok(body)
    }

    fn unreachable(&self, source: impl std::error::Error + Send + Sync + 'static) -> CallError {
        CallError::Unreachable { url: self.url.to_string(), source: Box::new(source) }
    }
}

/// The media type without its parameters, in lowercase.
fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn unexpected(status: StatusCode, body: &[u8]) -> CallError {
    let quoted = String::from_utf8_lossy(&body[..body.len().min(MAX_QUOTED_BYTES)]);
    CallError::Answer(format!("the component server answered {status}: {}", quoted.trim()))
}
