//! Who may use the server: tokens, origins, hosts.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request};
use isoblob_core::BlobId;
use isoblob_server::auth::{Access, TokenSource};
use isoblob_server::grpc::proto::blob_service_client::BlobServiceClient;
use isoblob_server::grpc::proto::put_blob_request::Content;
use isoblob_server::grpc::proto::{GetBlobRequest, PutBlobRequest};
use isoblob_server::http::{AppState, HttpConfig, app};
use isoblob_server::store::MemoryStore;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;

use crate::support::{Answer, LONG, OCTETS, Server, ask, call, get, post};

const READ: &str = "Bearer read-0123456789abcdef";
const WRITE: &str = "Bearer write-0123456789abcdef";
const ADMIN: &str = "Bearer admin-0123456789abcdef";

fn guarded() -> HttpConfig {
    let tokens = "read:read-0123456789abcdef write:write-0123456789abcdef admin:admin-0123456789abcdef";
    let (access, _) = TokenSource::Text(tokens.into()).load().expect("tokens");
    assert!(matches!(access, Access::Tokens(_)));
    HttpConfig { access, ..HttpConfig::default() }
}

fn app_with(config: HttpConfig) -> Router {
    app(AppState::new(Arc::new(MemoryStore::default()), config))
}

async fn put(app: &Router, authorization: Option<&str>) -> Answer {
    let request = authorization.into_iter().fold(post(OCTETS), |request, value| request.header("authorization", value));
    call(app, request.body(Body::from("content")).expect("a request")).await
}

#[tokio::test]
async fn a_request_needs_a_token_of_enough_scope() {
    let app = app_with(guarded());
    let none = r#"{"code":401,"message":"this needs a token, as Bearer or as the password of HTTP Basic","reason":"unauthorized"}"#;
    let unknown = r#"{"code":401,"message":"the token is not known","reason":"unauthorized"}"#;
    let unreadable = r#"{"code":401,"message":"the Authorization header holds no token","reason":"unauthorized"}"#;
    let scope = r#"{"code":403,"message":"this needs a token of scope write, and this one has read","reason":"insufficient_scope"}"#;
    let stored = format!(r#"{{"blobId":"{}"}}"#, BlobId::of(b"content"));
    let rows = [
        (None, 401, none),
        (Some("Bearer another-0123456789abcdef"), 401, unknown),
        (Some("Bearer read-0123456789abcde"), 401, unknown),
        (Some("Digest 1"), 401, unreadable),
        (Some(READ), 403, scope),
        (Some(WRITE), 200, &*stored),
        (Some(ADMIN), 200, &*stored),
        // The password of anybody: `worker:write-0123456789abcdef`.
        (Some("Basic d29ya2VyOndyaXRlLTAxMjM0NTY3ODlhYmNkZWY="), 200, &*stored),
    ];
    for (authorization, status, text) in rows {
        let answer = put(&app, authorization).await;
        assert_eq!((answer.status, answer.text()), (status, text), "{authorization:?}");
    }

    let path = format!("/api/v1/blobs/{}", BlobId::of(b"content"));
    for (authorization, status) in [(READ, 200), (WRITE, 200), (ADMIN, 200), ("Bearer another-0123456789abcdef", 401)] {
        let answer = get(&app, &path, &[("authorization", authorization)]).await;
        assert_eq!(answer.status, status, "{authorization}");
    }
    for path in [&path, "/", "/nowhere", "/metrics"] {
        let answer = get(&app, path, &[]).await;
        assert_eq!((answer.status, answer.text()), (401, none), "{path}");
    }
    for path in ["/livez", "/readyz"] {
        assert_eq!(get(&app, path, &[]).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_refusal_says_how_to_ask_again() {
    let app = app_with(guarded());
    let challenges = |authorization: Option<&'static str>| {
        let request = authorization.into_iter().fold(post(OCTETS), |request, it| request.header("authorization", it));
        let request = request.body(Body::empty()).expect("a request");
        let app = app.clone();
        async move {
            let response = tower::ServiceExt::oneshot(app, request).await.expect("an app does not fail");
            let values = response.headers().get_all("www-authenticate").iter();
            values.map(|value| value.to_str().expect("ASCII").to_owned()).collect::<Vec<_>>()
        }
    };
    assert_eq!(challenges(None).await, [r#"Bearer realm="isoblob""#, r#"Basic realm="isoblob", charset="UTF-8""#]);
    let scope = r#"Bearer realm="isoblob", error="insufficient_scope", scope="write""#;
    assert_eq!(challenges(Some(READ)).await, [scope]);
}

#[tokio::test]
async fn what_needs_a_token_is_not_for_shared_caches() {
    let path = format!("/api/v1/blobs/{}", BlobId::of(b"content"));
    for (config, expected) in [(guarded(), "private"), (HttpConfig::default(), "public")] {
        let app = app_with(config);
        assert_eq!(put(&app, Some(WRITE)).await.status, 200);
        let raw = get(&app, &path, &[("authorization", READ), ("accept", OCTETS)]).await;
        assert_eq!(raw.header("cache-control"), Some(&*format!("{expected}, max-age=31536000, immutable")));
        let envelope = get(&app, &path, &[("authorization", READ)]).await;
        assert_eq!(envelope.header("cache-control"), Some(&*format!("{expected}, no-cache")));
        let missing = get(&app, "/nowhere", &[("authorization", READ)]).await;
        assert_eq!(missing.header("cache-control"), Some("no-store"));
    }
}

/// A call that brings a token.
fn request<T>(message: T, authorization: Option<&'static str>) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    if let Some(value) = authorization {
        request.metadata_mut().insert("authorization", value.parse().expect("ASCII"));
    }
    request
}

#[tokio::test]
async fn tokens_hold_for_grpc_too() {
    let server = Server::start(Arc::new(MemoryStore::default()), guarded(), LONG).await;
    let endpoint = Endpoint::from_shared(format!("http://{}", server.address)).expect("an address");
    let channel = endpoint.connect().await.expect("a connection");
    let put = async |channel: &Channel, authorization| {
        let content = Some(Content::RawData(b"content".into()));
        let message = PutBlobRequest { content, blob_type: "binary".into(), filename: None, content_type: None };
        BlobServiceClient::new(channel.clone()).put_blob(request(message, authorization)).await.map(|_| ())
    };
    let reason = |status: &Status| status.get_details_error_info().expect("a reason").reason;
    let status = put(&channel, None).await.expect_err("no token");
    assert_eq!((status.code(), reason(&status)), (Code::Unauthenticated, "UNAUTHORIZED".into()));
    assert_eq!(status.message(), "this needs a token, as Bearer or as the password of HTTP Basic");
    let status = put(&channel, Some(READ)).await.expect_err("too little scope");
    assert_eq!((status.code(), reason(&status)), (Code::PermissionDenied, "INSUFFICIENT_SCOPE".into()));
    put(&channel, Some(WRITE)).await.expect("a put");

    let message = GetBlobRequest { blob_id: BlobId::of(b"content").to_string() };
    BlobServiceClient::new(channel.clone()).get_blob(request(message, Some(READ))).await.expect("a get");
    HealthClient::new(channel).check(HealthCheckRequest::default()).await.expect("health needs no token");
}

#[tokio::test]
async fn pages_of_an_allowed_origin_may_use_the_server() {
    let allowed_origins = vec![HeaderValue::from_static("https://app.example.org")];
    let app = app_with(HttpConfig { allowed_origins, ..HttpConfig::default() });
    let from = |origin: &'static str| [("host", "blobs.example.org"), ("origin", origin)];

    let answer = get(&app, "/livez", &from("https://app.example.org")).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, Some("https://app.example.org")));
    let exposed =
        "content-disposition,content-range,etag,repr-digest,retry-after,x-blob-canonical,x-blob-type,x-request-id";
    assert_eq!(answer.header("access-control-expose-headers"), Some(exposed));
    let answer = get(&app, "/livez", &from("https://other.example.org")).await;
    let refused = r#"{"code":403,"message":"requests of pages from https://other.example.org are refused","reason":"foreign_origin"}"#;
    assert_eq!((answer.status, answer.text()), (403, refused));
    assert_eq!(answer.header("access-control-allow-origin"), None);

    let preflight = [("access-control-request-method", "PUT"), ("access-control-request-headers", "authorization")];
    let headers = [&from("https://app.example.org")[..], &preflight].concat();
    let answer = ask(&app, "OPTIONS", "/api/v1/blobs", &headers).await;
    assert_eq!((answer.status, answer.text()), (200, ""));
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://app.example.org"));
    assert_eq!(answer.header("access-control-allow-methods"), Some("GET,HEAD,POST,PUT"));
    let headers = answer.header("access-control-allow-headers").expect("headers");
    assert!(headers.split(',').any(|name| name == "authorization"), "{headers}");
    let headers = [&from("https://other.example.org")[..], &preflight].concat();
    let answer = ask(&app, "OPTIONS", "/api/v1/blobs", &headers).await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

/// Without a setting, no answer has anything of CORS.
#[tokio::test]
async fn pages_of_other_origins_are_refused() {
    let app = app_with(HttpConfig::default());
    let headers = [("host", "localhost"), ("origin", "https://app.example.org")];
    for method in ["GET", "OPTIONS", "POST"] {
        let answer = ask(&app, method, "/api/v1/blobs", &headers).await;
        assert_eq!(answer.status, 403, "{method}");
        assert!(!answer.headers.keys().any(|name| name.starts_with("access-control-")), "{answer:?}");
    }
}

/// What an origin is allowed, a token is needed for all the same.
#[tokio::test]
async fn an_allowed_origin_needs_a_token_too() {
    let allowed_origins = vec![HeaderValue::from_static("https://app.example.org")];
    let app = app_with(HttpConfig { allowed_origins, ..guarded() });
    let request = Request::get("/").header("host", "blobs.example.org").header("origin", "https://app.example.org");
    let answer = call(&app, request.body(Body::empty()).expect("a request")).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (401, Some("https://app.example.org")));
}
