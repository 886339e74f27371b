//! The page that people open: `/`, `/b/{id}`, and the files that they need.

use std::borrow::Cow;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, REFERRER_POLICY, VARY};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use isoblob_core::BlobId;
use rust_embed::{EmbeddedFile, RustEmbed};

use super::conditional::none_match_fails;
use super::error::{ApiError, Reason};
use super::{AppState, body};

/// The built page. In a debug build it is read from the disk on every request, in a release build it is in the binary;
/// in either it may be missing.
#[derive(RustEmbed)]
#[folder = "../www/dist"]
#[allow_missing = true]
struct Page;

/// The document that every address of the page is answered with.
const INDEX: &str = "index.html";

/// Files under it have a hash of their content in their name.
const ASSETS: &str = "assets/";

/// Nothing but this server's own files, and WebAssembly; no frames, no forms, nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const NOT_BUILT: &str = "The isoblob server is running, but it was built without its page.\n\
    `cargo xtask serve` builds the page and serves it. The API is at /api/v1/blobs.\n";

/// The routes.
pub fn routes() -> Router<AppState> {
    Router::new().route("/", get(index)).route("/b/{id}", get(index))
}

async fn index(headers: HeaderMap) -> Response {
    document(find(INDEX), &headers)
}

fn document(index: Option<PageFile>, headers: &HeaderMap) -> Response {
    index.map_or_else(|| NOT_BUILT.into_response(), |file| respond(INDEX, file, headers))
}

/// What answers where no route does: an address may be that of a file.
pub async fn file(request: Request) -> Result<Response, ApiError> {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    // Built names are plain, so they are looked for as they are written.
    let path = request.uri().path().trim_start_matches('/');
    if let Some(file) = find(path).filter(|_| is_read) {
        return Ok(respond(path, file, request.headers()));
    }
    let error = ApiError::new(Reason::NotFound, format!("there is nothing at {}", request.uri().path()));
    Err(body::refuse(request, error))
}

struct PageFile {
    bytes: Bytes,
    hash: BlobId,
    media_type: String,
}

fn find(path: &str) -> Option<PageFile> {
    let EmbeddedFile { data, metadata } = Page::get(path)?;
    let bytes = match data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    };
    let hash = BlobId::from_bytes(metadata.sha256_hash());
    Some(PageFile { bytes, hash, media_type: metadata.mimetype().into() })
}

fn respond(path: &str, file: PageFile, headers: &HeaderMap) -> Response {
    let etag = HeaderValue::try_from(format!("\"{}\"", file.hash)).expect("hex digits are a header's value");
    let (mut response, etag) = if let Some(etag) = none_match_fails(headers, &etag) {
        (StatusCode::NOT_MODIFIED.into_response(), etag)
    } else {
        let mut response = Body::from(file.bytes).into_response();
        response.headers_mut().insert(CONTENT_TYPE, content_type(&file.media_type));
        (response, etag)
    };
    let caching = if path.starts_with(ASSETS) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = response.headers_mut();
    headers.insert(ETAG, etag);
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    // On scripts too: a worker's policy is that of its own script.
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn content_type(media_type: &str) -> HeaderValue {
    let charset = if media_type.starts_with("text/") { "; charset=utf-8" } else { "" };
    HeaderValue::try_from(format!("{media_type}{charset}")).expect("a media type is a header's value")
}

#[cfg(test)]
mod tests {
    use axum::http::header::IF_NONE_MATCH;

    use super::*;

    #[test]
    fn a_file_is_cached_by_what_its_name_says() {
        let rows = [
            ("index.html", "text/html", "text/html; charset=utf-8", "no-cache"),
            ("favicon.svg", "image/svg+xml", "image/svg+xml", "no-cache"),
            (
                "assets/a-1f.js",
                "text/javascript",
                "text/javascript; charset=utf-8",
                "public, max-age=31536000, immutable",
            ),
            ("assets/a-2f.wasm", "application/wasm", "application/wasm", "public, max-age=31536000, immutable"),
        ];
        for (path, media_type, content_type, caching) in rows {
            let file = || PageFile {
                bytes: Bytes::from_static(b"bytes"),
                hash: BlobId::of(b"bytes"),
                media_type: media_type.into(),
            };
            let response = respond(path, file(), &HeaderMap::new());
            let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
            assert_eq!(header(CONTENT_TYPE), Some(content_type), "{path}");
            assert_eq!(header(CACHE_CONTROL), Some(caching), "{path}");
            assert_eq!(header(CONTENT_SECURITY_POLICY), Some(POLICY), "{path}");

            let again = HeaderMap::from_iter([(IF_NONE_MATCH, response.headers()[ETAG].clone())]);
            assert_eq!(respond(path, file(), &again).status(), StatusCode::NOT_MODIFIED, "{path}");
        }
    }

    #[tokio::test]
    async fn a_server_without_its_page_says_how_to_get_it() {
        let response = document(None, &HeaderMap::new());
        assert_eq!(response.headers()[CONTENT_TYPE], "text/plain; charset=utf-8");
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        assert_eq!(body, NOT_BUILT);
        assert!(NOT_BUILT.contains("`cargo xtask serve`"));
    }

    #[test]
    fn the_policy_lets_nothing_inline_in() {
        assert!(POLICY.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "));
        assert!(!POLICY.contains("unsafe-inline") && !POLICY.contains("'unsafe-eval'"));
    }
}
