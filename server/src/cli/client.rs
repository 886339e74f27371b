//! [`Client`]: a server, by HTTP.

use std::io::Read;

use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT};
use axum::http::{Request, Response, StatusCode, request};
use isoblob_core::{BlobId, PutResponse};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use ureq::{Agent, AsSendBody, Body, SendBody};

use super::{CommandError, ServerArgs};
use crate::agent::agent;

const JSON: &str = "application/json";
const OCTETS: &str = "application/octet-stream";

/// The most bytes of an answer that is JSON.
const MAX_ANSWER_BYTES: u64 = 16 << 20;

/// The most characters of an unexpected answer that an error quotes.
const MAX_QUOTED_CHARS: usize = 200;

/// A server.
pub struct Client<'a> {
    server: &'a ServerArgs,
    agent: Agent,
}

/// What a server says of a request that it refuses.
#[derive(Deserialize)]
struct Refusal {
    message: String,
}

impl<'a> Client<'a> {
    pub fn new(server: &'a ServerArgs) -> Self {
        Self { server, agent: agent(server.url.scheme(), server.timeout_secs) }
    }

    /// Puts an envelope, and returns the id that the server gives it.
    pub fn put_envelope(&self, envelope: &[u8]) -> Result<BlobId, CommandError> {
        let request = self.request("POST", "").header(CONTENT_TYPE, JSON);
        self.put(request, envelope)
    }

    /// Puts bytes as they come, and returns the id that the server gives them.
    pub fn put_bytes(
        &self,
        bytes: &mut dyn Read,
        size: Option<u64>,
        filename: Option<&str>,
    ) -> Result<BlobId, CommandError> {
        let mut request = self.request("POST", "").header(CONTENT_TYPE, OCTETS);
        // A server that refuses says so before all of it is sent.
        request = request.header(EXPECT, "100-continue");
        if let Some(size) = size {
            request = request.header(CONTENT_LENGTH, size);
        }
        if let Some(name) = filename {
            request = request.header("x-blob-filename", name.as_bytes());
        }
        self.put(request, SendBody::from_reader(bytes))
    }

    fn put(&self, request: request::Builder, body: impl AsSendBody) -> Result<BlobId, CommandError> {
        let PutResponse { blob_id } = self.json(self.send(request, body)?)?;
        Ok(blob_id)
    }

    /// The bytes of a blob, as they come, unverified; the answer has its other members in headers.
    pub fn get(&self, id: BlobId) -> Result<Response<Body>, CommandError> {
        self.send(self.request("GET", &format!("/{id}")).header(ACCEPT, OCTETS), ())
    }

    /// What the server answers to a query about blobs.
    pub fn query<T: DeserializeOwned>(&self, query: &str) -> Result<T, CommandError> {
        self.json(self.send(self.request("GET", query).header(ACCEPT, JSON), ())?)
    }

    fn request(&self, method: &str, rest: &str) -> request::Builder {
        let request = Request::builder().method(method).uri(format!("{}{rest}", self.server.url.blobs()));
        match self.server.token.as_deref().or(self.server.url.token()) {
            Some(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        }
    }

    /// Sends a request, of which the answer is a success.
    fn send(&self, request: request::Builder, body: impl AsSendBody) -> Result<Response<Body>, CommandError> {
        let request = request.body(body).map_err(|error| self.unreachable(error))?;
        let mut response = self.agent.run(request).map_err(|error| self.unreachable(error))?;
        if response.status() == StatusCode::OK {
            return Ok(response);
        }
        let status = response.status();
        let text = self.read(&mut response)?;
        let refusal = serde_json::from_slice(&text).map(|Refusal { message }| message);
        let message = refusal.unwrap_or_else(|_| quote(&text));
        Err(CommandError::Refused { url: self.url(), status, message })
    }

    fn json<T: DeserializeOwned>(&self, mut response: Response<Body>) -> Result<T, CommandError> {
        let text = self.read(&mut response)?;
        serde_json::from_slice(&text)
            .map_err(|_| self.answered(format!("something else than expected: {}", quote(&text))))
    }

    fn read(&self, response: &mut Response<Body>) -> Result<Vec<u8>, CommandError> {
        let body = response.body_mut().with_config().limit(MAX_ANSWER_BYTES);
        body.read_to_vec().map_err(|error| self.unreachable(error))
    }

    /// The server cannot be reached, or broke off.
    pub fn unreachable(&self, source: impl std::error::Error + Send + Sync + 'static) -> CommandError {
        CommandError::Unreachable { url: self.url(), source: Box::new(source) }
    }

    /// The server does not keep the protocol.
    pub fn answered(&self, what: String) -> CommandError {
        CommandError::Answer { url: self.url(), what }
    }

    fn url(&self) -> String {
        self.server.url.to_string()
    }
}

fn quote(text: &[u8]) -> String {
    String::from_utf8_lossy(text).trim().chars().take(MAX_QUOTED_CHARS).collect::<String>().escape_debug().to_string()
}
