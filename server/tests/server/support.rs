//! What the tests share: requests to an app, and stores that fail.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, request};
use isoblob_core::{Blob, BlobId};
use isoblob_server::Filename;
use isoblob_server::http::{AppState, HttpConfig, app};
use isoblob_server::store::{BlobInfo, MemoryStore, PutOutcome, Store, StoreError, StoredBlob};
use tower::ServiceExt as _;

pub const JSON: &str = "application/json";
pub const OCTETS: &str = "application/octet-stream";

/// An app over an empty store in memory.
pub fn memory_app() -> Router {
    app(AppState::new(Arc::new(MemoryStore::default()), HttpConfig::default()))
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> &str {
        str::from_utf8(&self.body).expect("UTF-8")
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

pub async fn call(app: &Router, request: Request<Body>) -> Answer {
    let response = app.clone().oneshot(request).await.expect("an app does not fail");
    let status = response.status().as_u16();
    let text = |value: &axum::http::HeaderValue| value.to_str().expect("ASCII").to_owned();
    let headers = response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let body = to_bytes(response.into_body(), usize::MAX).await.expect("a body").to_vec();
    Answer { status, headers, body }
}

pub fn post(content_type: &str) -> request::Builder {
    Request::post("/api/v1/blobs").header("content-type", content_type)
}

pub async fn put_json(app: &Router, body: &str) -> Answer {
    call(app, post(JSON).body(Body::from(body.to_owned())).expect("a request")).await
}

pub async fn put_bytes(app: &Router, body: &[u8], filename: Option<&str>) -> Answer {
    let request = filename.into_iter().fold(post(OCTETS), |request, name| request.header("x-blob-filename", name));
    call(app, request.body(Body::from(body.to_vec())).expect("a request")).await
}

pub async fn get(app: &Router, path: &str, headers: &[(&str, &str)]) -> Answer {
    ask(app, "GET", path, headers).await
}

pub async fn ask(app: &Router, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = Request::builder().method(method).uri(path);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    call(app, request.body(Body::empty()).expect("a request")).await
}

/// A store that fails in one way, whatever it is asked.
#[derive(Debug)]
pub struct FailingStore(pub StoreError);

#[async_trait]
impl Store for FailingStore {
    async fn put(&self, _: Blob, _: Option<Filename>) -> Result<PutOutcome, StoreError> {
        Err(self.0.clone())
    }

    async fn get(&self, _: BlobId) -> Result<Option<StoredBlob>, StoreError> {
        Err(self.0.clone())
    }

    async fn head(&self, _: BlobId) -> Result<Option<BlobInfo>, StoreError> {
        Err(self.0.clone())
    }

    async fn health(&self) -> Result<(), StoreError> {
        Err(self.0.clone())
    }
}
