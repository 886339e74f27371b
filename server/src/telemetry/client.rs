//! [`OtlpClient`]: HTTP to a collector.

use std::time::Duration;

use async_trait::async_trait;
use axum::body::Bytes;
use axum::http::{Request, Response};
use opentelemetry_http::{HttpClient, HttpError};
use ureq::Agent;

use crate::agent::agent;
use crate::stepflow::Scheme;

/// How long a collector has to take a batch of spans.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// The most bytes that are read of a collector's answer.
const MAX_ANSWER_BYTES: u64 = 1 << 20;

/// Sends batches of spans. It takes the thread that it runs on, which is one of the exporter's own.
#[derive(Debug)]
pub struct OtlpClient(Agent);

impl Default for OtlpClient {
    fn default() -> Self {
        Self(agent(Scheme::Https, SEND_TIMEOUT))
    }
}

#[async_trait]
impl HttpClient for OtlpClient {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let (parts, mut body) = self.0.run(Request::from_parts(parts, &body[..]))?.into_parts();
        let body = body.with_config().limit(MAX_ANSWER_BYTES).read_to_vec()?;
        Ok(Response::from_parts(parts, body.into()))
    }
}
