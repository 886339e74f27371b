//! What the tests share: requests to an app, and stores that fail.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, request};
use isoblob_core::{Blob, BlobId, Limits};
use isoblob_server::Filename;
use isoblob_server::app::App;
use isoblob_server::http::{AppState, HttpConfig, app};
use isoblob_server::serve::{ServeConfig, serve};
use isoblob_server::store::{
    BlobInfo, ListQuery, ListedBlob, MemoryStore, OpenBlob, PutOutcome, Store, StoreError, StoreStats,
};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
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

/// Stores a JSON text, and returns its id.
pub async fn stored(app: &Router, text: &str) -> BlobId {
    assert_eq!(put_json(app, &format!(r#"{{"data": {text}}}"#)).await.status, 200, "{text}");
    canonical_id(text)
}

/// The id of a JSON text.
pub fn canonical_id(text: &str) -> BlobId {
    Blob::data(text.as_bytes(), Limits::default()).expect("JSON").id()
}

pub fn path_of(id: impl std::fmt::Display) -> String {
    format!("/api/v1/blobs/{id}")
}

pub async fn get(app: &Router, path: &str, headers: &[(&str, &str)]) -> Answer {
    ask(app, "GET", path, headers).await
}

pub async fn ask(app: &Router, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = Request::builder().method(method).uri(path);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    call(app, request.body(Body::empty()).expect("a request")).await
}

/// Longer than any test runs.
pub const LONG: Duration = Duration::from_mins(10);

/// A server on a port of its own.
pub struct Server {
    pub address: SocketAddr,
    pub stop: oneshot::Sender<()>,
    pub served: JoinHandle<usize>,
}

impl Server {
    pub async fn start(store: Arc<dyn Store>, config: HttpConfig, drain_timeout: Duration) -> Self {
        Self::with(store, config, ServeConfig { drain_timeout, ..ServeConfig::default() }).await
    }

    pub async fn with(store: Arc<dyn Store>, config: HttpConfig, connections: ServeConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = AppState::new(store, config);
        let (stop, stopped) = oneshot::channel();
        let draining = state.clone();
        let stop_signal = async move {
            // Where nobody is left to stop it, it serves as long as its test runs.
            match stopped.await {
                Ok(()) => draining.drain(),
                Err(_) => std::future::pending().await,
            }
        };
        let served = tokio::spawn(serve(listener, App::new(state), stop_signal, connections));
        Self { address, stop, served }
    }
}

/// A store that fails in one way, whatever it is asked.
#[derive(Debug)]
pub struct FailingStore(pub StoreError);

#[async_trait]
impl Store for FailingStore {
    async fn put(&self, _: Blob, _: Option<Filename>) -> Result<PutOutcome, StoreError> {
        Err(self.0.clone())
    }

    async fn open(&self, _: BlobId) -> Result<Option<OpenBlob>, StoreError> {
        Err(self.0.clone())
    }

    async fn head(&self, _: BlobId) -> Result<Option<BlobInfo>, StoreError> {
        Err(self.0.clone())
    }

    async fn list(&self, _: ListQuery) -> Result<Option<Vec<ListedBlob>>, StoreError> {
        Err(self.0.clone())
    }

    async fn stats(&self) -> Result<StoreStats, StoreError> {
        Err(self.0.clone())
    }

    async fn health(&self) -> Result<(), StoreError> {
        Err(self.0.clone())
    }
}
