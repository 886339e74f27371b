//! The HTTP API, handler by handler, without a socket.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use isoblob_core::BlobId;
use isoblob_server::http::{AppState, HostPolicy, HttpConfig, app};
use isoblob_server::store::{MemoryStore, StoreError};

use crate::support::{FailingStore, JSON, OCTETS, ask, call, get, memory_app, path_of, post, put_bytes, put_json};

const RAW: (&str, &str) = ("accept", OCTETS);

#[tokio::test]
async fn json_is_stored_in_its_canonical_form() {
    let app = memory_app();
    let canonical = r#"{"a":[1,505874924095815681],"b":"é"}"#;
    let id = BlobId::of(canonical.as_bytes());
    let texts = [
        r#"{"data": {"b": "\u00e9", "a": [1.0, 505874924095815681]}, "blobType": "data"}"#,
        r#"{"blobType":"data","data":{"a":[1,505874924095815681],"b":"é"}}"#,
        r#"{"data":{"a":[1,505874924095815681],"b":"é"},"unknown":[]}"#,
    ];
    for text in texts {
        let answer = put_json(&app, text).await;
        assert_eq!((answer.status, answer.text()), (200, &*format!(r#"{{"blobId":"{id}"}}"#)));
        assert_eq!(answer.header("content-type"), Some(JSON));
    }
    let envelope = get(&app, &path_of(id), &[]).await;
    let expected = format!(r#"{{"data":{canonical},"blobType":"data","blobId":"{id}"}}"#);
    assert_eq!((envelope.status, envelope.text()), (200, &*expected));
    let raw = get(&app, &path_of(id), &[RAW]).await;
    assert_eq!((raw.status, raw.text()), (200, canonical));
    assert_eq!(BlobId::of(&raw.body), id);
}

#[tokio::test]
async fn bytes_are_stored_as_they_are() {
    let app = memory_app();
    let bytes = b"\x00\xff{\r\n";
    let id = BlobId::of(bytes);
    let answer = put_bytes(&app, bytes, Some("naïve.bin")).await;
    assert_eq!((answer.status, answer.text()), (200, &*format!(r#"{{"blobId":"{id}"}}"#)));

    let raw = get(&app, &path_of(id), &[RAW]).await;
    assert_eq!((raw.status, &*raw.body), (200, &bytes[..]));
    let disposition = "attachment; filename=\"na_ve.bin\"; filename*=UTF-8''na%C3%AFve.bin";
    assert_eq!(raw.header("content-disposition"), Some(disposition));
    let envelope = get(&app, &path_of(id), &[]).await;
    let expected = format!(r#"{{"data":"AP97DQo=","blobType":"binary","blobId":"{id}","filename":"naïve.bin"}}"#);
    assert_eq!(envelope.text(), expected);

    // The same bytes in an envelope.
    let answer = put_json(&app, r#"{"data":"AP97DQo=","blobType":"binary"}"#).await;
    assert_eq!(answer.text(), format!(r#"{{"blobId":"{id}"}}"#));
}

/// A filename may come in a header, with JSON too, whose own goes before it.
#[tokio::test]
async fn a_filename_comes_with_either_form() {
    let app = memory_app();
    for (content_type, body, expected) in [
        (OCTETS, "1", "header"),
        (JSON, r#"{"data": 2}"#, "header"),
        (JSON, r#"{"data": 3, "filename": null}"#, "header"),
        (JSON, r#"{"data": 4, "filename": "body"}"#, "body"),
    ] {
        let request = post(content_type).header("x-blob-filename", "header").body(Body::from(body));
        let put = call(&app, request.expect("a request")).await;
        let id = put.text()[11..75].parse::<BlobId>().expect("an id");
        let envelope = get(&app, &path_of(id), &[]).await;
        assert!(envelope.text().ends_with(&format!(r#""filename":"{expected}"}}"#)), "{body}: {}", envelope.text());
    }
}

#[tokio::test]
async fn a_body_that_is_handed_to_another_thread_is_the_same() {
    let app = memory_app();
    let text = format!("\"{}\"", "x".repeat(100_000));
    let id = BlobId::of(text.as_bytes());
    let answer = put_json(&app, &format!(r#"{{"data": {text}}}"#)).await;
    assert_eq!((answer.status, answer.text()), (200, &*format!(r#"{{"blobId":"{id}"}}"#)));
    let envelope = get(&app, &path_of(id), &[]).await;
    assert_eq!(envelope.text(), format!(r#"{{"data":{text},"blobType":"data","blobId":"{id}"}}"#));
    assert_eq!(put_bytes(&app, text.as_bytes(), None).await.text(), format!(r#"{{"blobId":"{id}"}}"#));
}

#[tokio::test]
async fn the_headers_of_each_form() {
    let app = memory_app();
    put_json(&app, r#"{"data": {}, "filename": "empty.json"}"#).await;
    let id = BlobId::of(b"{}");
    let filename_digits = &BlobId::of(b"empty.json").to_string()[..16];
    let both = [
        ("cross-origin-resource-policy", "same-origin"),
        ("vary", "accept, accept-encoding"),
        ("x-content-type-options", "nosniff"),
    ];
    let envelope = [
        ("cache-control", "public, no-cache"),
        ("content-length", "129"),
        ("content-type", JSON),
        ("etag", &format!("\"{id}.data.{filename_digits}\"")),
    ];
    let raw = [
        ("accept-ranges", "bytes"),
        ("cache-control", "public, max-age=31536000, immutable"),
        ("content-disposition", "attachment; filename=\"empty.json\""),
        ("content-length", "2"),
        ("content-type", OCTETS),
        ("etag", &format!("\"{id}\"")),
        ("repr-digest", "sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:"),
        ("x-blob-type", "data"),
    ];
    for (accept, own) in [(JSON, &envelope[..]), (OCTETS, &raw)] {
        for method in ["GET", "HEAD"] {
            let mut answer = ask(&app, method, &path_of(id), &[("accept", accept)]).await;
            answer.headers.remove("x-request-id").expect("a request id");
            let expected = both.iter().chain(own).map(|&(name, value)| (name.into(), value.into())).collect();
            assert_eq!(answer.headers, expected, "{method} {accept}");
        }
    }
}

#[tokio::test]
async fn head_tells_what_get_does() {
    let app = memory_app();
    put_json(&app, r#"{"data": {"a": "é"}}"#).await;
    put_json(&app, r#"{"data": {"steps": []}, "blobType": "flow", "filename": "a \"quoted\" flow.json"}"#).await;
    for bytes in [&b""[..], b"1", b"12", b"123", b"1234"] {
        put_bytes(&app, bytes, None).await;
    }
    let contents = [r#"{"a":"é"}"#, r#"{"steps":[]}"#, "", "1", "12", "123", "1234"];
    for content in contents {
        for accept in [JSON, OCTETS] {
            let path = path_of(BlobId::of(content.as_bytes()));
            let mut get = ask(&app, "GET", &path, &[("accept", accept)]).await;
            let mut head = ask(&app, "HEAD", &path, &[("accept", accept)]).await;
            assert_eq!(get.header("content-length"), Some(&*get.body.len().to_string()), "{content} {accept}");
            assert_eq!(head.body, b"", "{content} {accept}");
            assert_ne!(get.headers.remove("x-request-id"), head.headers.remove("x-request-id"));
            assert_eq!((get.status, &get.headers), (head.status, &head.headers), "{content} {accept}");
        }
    }
}

#[tokio::test]
async fn what_a_client_has_is_not_sent_again() {
    let app = memory_app();
    put_bytes(&app, b"{}", None).await;
    let id = BlobId::of(b"{}");
    for accept in [JSON, OCTETS] {
        let etag = get(&app, &path_of(id), &[("accept", accept)]).await.headers["etag"].clone();
        for method in ["GET", "HEAD"] {
            let weak = format!("W/{etag}");
            for (value, expected) in [(&*etag, &etag), ("*", &etag), (&format!("\"other\", {weak}"), &weak)] {
                let headers = [("accept", accept), ("if-none-match", value)];
                let answer = ask(&app, method, &path_of(id), &headers).await;
                assert_eq!((answer.status, &*answer.body), (304, &b""[..]), "{method} {value}");
                assert_eq!(answer.header("etag"), Some(&**expected));
                assert_eq!(
                    answer.header("vary"),
                    Some(if accept == JSON { "accept, accept-encoding" } else { "accept" })
                );
                assert!(answer.header("cache-control").is_some_and(|caching| caching.starts_with("public, ")));
            }
            // The validator of one form is none of the other.
            let other = if accept == JSON { OCTETS } else { JSON };
            let answer = ask(&app, method, &path_of(id), &[("accept", other), ("if-none-match", &etag)]).await;
            assert_eq!(answer.status, 200, "{method} {other}");
            let answer = ask(&app, method, &path_of(BlobId::of(b"absent")), &[("if-none-match", "*")]).await;
            assert_eq!(answer.status, 404);
        }
    }
}

/// The envelope of an id can change; a client that has the old one must be told.
#[tokio::test]
async fn a_bettered_type_or_filename_changes_the_envelopes_validator() {
    let app = memory_app();
    let path = path_of(BlobId::of(br#"{"steps":[]}"#));
    put_bytes(&app, br#"{"steps":[]}"#, None).await;
    let mut seen = Vec::new();
    let puts = [
        r#"{"data": {"steps": []}}"#,
        r#"{"data": {"steps": []}, "blobType": "flow"}"#,
        r#"{"data": {"steps": []}, "filename": "a.json"}"#,
    ];
    for put in [None].into_iter().chain(puts.map(Some)) {
        if let Some(put) = put {
            put_json(&app, put).await;
        }
        let last = seen.last().map_or("\"none\"", String::as_str);
        let answer = get(&app, &path, &[("if-none-match", last)]).await;
        assert_eq!(answer.status, 200, "{put:?}");
        seen.push(answer.headers["etag"].clone());
    }
    assert_eq!(get(&app, &path, &[("if-none-match", &seen[3])]).await.status, 304);
}

#[tokio::test]
async fn a_text_that_is_refused_is_told_where() {
    let app = memory_app();
    let rows = [
        (
            r#"{"data": {"a": 1, "a": 2}}"#,
            "the object has this key already, at line 1 column 10 (byte 9), in `/a`",
            r#""reason":"duplicate_key","line":1,"column":10,"offset":9,"pointer":"/a""#,
        ),
        (
            r#"{"data": {"steps": 1}, "blobType": "flow"}"#,
            "`steps` must be an array, not a number, in `/steps`",
            r#""reason":"invalid_flow","pointer":"/steps""#,
        ),
    ];
    for (text, message, rest) in rows {
        let answer = put_json(&app, text).await;
        assert_eq!((answer.status, answer.text()), (400, &*format!(r#"{{"code":400,"message":"{message}",{rest}}}"#)));
    }
}

#[tokio::test]
async fn a_refused_request_is_told_why() {
    let app = memory_app();
    let absent = BlobId::of(b"absent");
    let upper = absent.to_string().to_uppercase();
    let long_name = "x".repeat(1025);
    let get = |path: &str| Request::get(path).body(Body::empty());
    let named = |name: &[u8]| post(OCTETS).header("x-blob-filename", name).body(Body::from("x"));
    let json_named = post(JSON).body(Body::from(r#"{"data": 1, "filename": "a\nb"}"#));
    let encoded = post(OCTETS).header("content-encoding", "deflate").body(Body::from("x"));
    let twice = post(JSON).header("content-encoding", "gzip, br").body(Body::from("x"));
    let query = |query: &str| get(&format!("/api/v1/blobs?{query}"));
    let untyped = Request::post("/api/v1/blobs").body(Body::from("{}"));
    let delete = Request::delete(path_of(absent)).body(Body::empty());

    let bad_id = "a blob id is 64 lowercase hex digits";
    let bad_name = "a filename is 1 to 1024 bytes of UTF-8 without control characters";
    let no_type = "a put is of application/json or application/octet-stream, and this one names no content type";
    let other_type = "a put is of application/json or application/octet-stream, and this one is of text/plain";
    let no_blob = format!("there is no blob {absent}");
    let no_method = format!("DELETE is not a method of /api/v1/blobs/{absent}");
    let rows = [
        (json_named, 400, "invalid_filename", bad_name),
        (named(long_name.as_bytes()), 400, "invalid_filename", bad_name),
        (named(b"a\tb"), 400, "invalid_filename", bad_name),
        (named(b"\xff"), 400, "invalid_filename", "the filename is not UTF-8"),
        (untyped, 415, "unsupported_media_type", no_type),
        (post("text/plain").body(Body::from("{}")), 415, "unsupported_media_type", other_type),
        (encoded, 415, "unsupported_content_encoding", "a body in the encoding deflate is not read"),
        (twice, 415, "unsupported_content_encoding", "a body in the encoding gzip, br is not read"),
        (query("limit=0"), 400, "invalid_query", "limit: it is 1 to 1000, not 0"),
        (query("limit=1001"), 400, "invalid_query", "limit: it is 1 to 1000, not 1001"),
        (query("limit=-1"), 400, "invalid_query", "limit: invalid digit found in string"),
        (query("limit=1&limit=2"), 400, "invalid_query", "duplicate field `limit`"),
        (
            query("type=Data"),
            400,
            "invalid_query",
            "type: unknown variant `Data`, expected one of `binary`, `data`, `flow`",
        ),
        (query("cursor=x"), 400, "invalid_query", "cursor: a blob id is 64 lowercase hex digits"),
        (
            query("kind=data"),
            400,
            "invalid_query",
            "kind: unknown field `kind`, expected one of `type`, `limit`, `cursor`",
        ),
        (query(&format!("cursor={absent}")), 400, "invalid_cursor", "the cursor is not one that this store gave out"),
        (get("/api/v1/blobs/xyz"), 400, "invalid_id", bad_id),
        (get("/api/v1/blobs/%ff"), 400, "invalid_id", bad_id),
        (get(&path_of(upper)), 400, "invalid_id", bad_id),
        (get(&path_of(absent)), 404, "not_found", &no_blob),
        (get("/api/v1/blubs"), 404, "not_found", "there is nothing at /api/v1/blubs"),
        (get("/api/v1/blobs/"), 404, "not_found", "there is nothing at /api/v1/blobs/"),
        (Request::post("/api").body(Body::from("{}")), 404, "not_found", "there is nothing at /api"),
        (delete, 405, "method_not_allowed", &no_method),
    ];
    for (request, status, reason, message) in rows {
        let request = request.expect("a request");
        let what = format!("{request:?}");
        let answer = call(&app, request).await;
        let expected = format!(r#"{{"code":{status},"message":"{message}","reason":"{reason}"}}"#);
        assert_eq!((answer.status, answer.text()), (status, &*expected), "{what}");
        assert_eq!(answer.header("content-type"), Some(JSON), "{what}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{what}");
    }
}

#[tokio::test]
async fn content_types_may_have_parameters_and_capitals() {
    let app = memory_app();
    for content_type in ["application/json; charset=utf-8", "Application/JSON ;charset=utf-8", JSON] {
        let request = post(content_type).body(Body::from(r#"{"data": 1}"#)).expect("a request");
        assert_eq!(call(&app, request).await.status, 200, "{content_type}");
    }
    for coding in ["identity", ""] {
        let request = post(OCTETS).header("content-encoding", coding).body(Body::from("x")).expect("a request");
        assert_eq!(call(&app, request).await.status, 200, "{coding}");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let app = memory_app();
    let id = path_of(BlobId::of(b""));
    let rows = [
        ("/api/v1/blobs", "DELETE", "GET,HEAD,POST"),
        ("/api/v1/blobs", "PUT", "GET,HEAD,POST"),
        (&id, "POST", "GET,HEAD,PUT"),
        (&id, "OPTIONS", "GET,HEAD,PUT"),
        ("/api/v1/batch/put", "GET", "POST"),
        ("/api/v1/stats", "POST", "GET,HEAD"),
        ("/livez", "POST", "GET,HEAD"),
        ("/", "POST", "GET,HEAD"),
    ];
    for (path, method, allowed) in rows {
        let answer = ask(&app, method, path, &[]).await;
        let expected =
            format!(r#"{{"code":405,"message":"{method} is not a method of {path}","reason":"method_not_allowed"}}"#);
        assert_eq!((answer.status, answer.text()), (405, &*expected));
        assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
    }
}

#[tokio::test]
async fn every_answer_has_a_request_id() {
    let app = memory_app();
    let first = get(&app, "/livez", &[]).await.headers["x-request-id"].clone();
    let second = get(&app, "/no/such", &[]).await.headers["x-request-id"].clone();
    assert_ne!(first, second);
    assert!(first.len() == 16 && first.bytes().all(|byte| byte.is_ascii_hexdigit()), "{first}");

    let given = |id| [("x-request-id", id)];
    assert_eq!(get(&app, "/livez", &given("job-7.a:B_1")).await.header("x-request-id"), Some("job-7.a:B_1"));
    for strange in ["", "two words", "a=b", &"x".repeat(65)] {
        assert_ne!(get(&app, "/livez", &given(strange)).await.header("x-request-id"), Some(strange));
    }
}

#[tokio::test]
async fn a_failure_is_told_without_its_cause() {
    let id = BlobId::of(b"x");
    let secret = || Arc::new(std::io::Error::other("disk sda1 is on fire"));
    let rows = [
        (StoreError::Failed(secret()), 500, "the server failed; its log says why, under this request's id", "internal"),
        (StoreError::Full(secret()), 507, "the store is full", "store_full"),
        (
            StoreError::Corrupt { id, cause: "disk sda1 is on fire".into() },
            500,
            &format!("what is stored under {id} does not hash to it"),
            "corrupt_blob",
        ),
    ];
    for (error, status, message, reason) in rows {
        let app = app(AppState::new(Arc::new(FailingStore(error)), HttpConfig::default()));
        let expected = format!(r#"{{"code":{status},"message":"{message}","reason":"{reason}"}}"#);
        for answer in [
            put_bytes(&app, b"x", None).await,
            get(&app, &path_of(id), &[]).await,
            get(&app, &path_of(id), &[("if-none-match", "*")]).await,
        ] {
            assert_eq!((answer.status, answer.text()), (status, &*expected));
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            assert_eq!(answer.header("etag"), None);
        }
        let expected = r#"{"code":503,"message":"the store cannot be used","reason":"not_ready"}"#;
        let ready = get(&app, "/readyz", &[]).await;
        assert_eq!((ready.status, ready.text()), (503, expected));
        assert_eq!(get(&app, "/livez", &[]).await.status, 200);
    }
}

#[tokio::test]
async fn a_server_that_drains_is_alive_but_not_ready() {
    let state = AppState::new(Arc::new(MemoryStore::default()), HttpConfig::default());
    let app = app(state.clone());
    let ready = get(&app, "/readyz", &[]).await;
    assert_eq!((ready.status, ready.text()), (200, "ready\n"));
    state.drain();
    let expected = r#"{"code":503,"message":"the server is shutting down","reason":"not_ready"}"#;
    let ready = get(&app, "/readyz", &[]).await;
    assert_eq!((ready.status, ready.text()), (503, expected));
    let live = get(&app, "/livez", &[]).await;
    assert_eq!((live.status, live.text()), (200, "live\n"));
}

#[tokio::test]
async fn pages_of_other_origins_are_kept_out() {
    let config = HttpConfig { host_policy: HostPolicy::Loopback, ..HttpConfig::default() };
    let app = app(AppState::new(Arc::new(MemoryStore::default()), config));
    let foreign_host = get(&app, "/", &[("host", "example.org")]).await;
    let expected = r#"{"code":421,"message":"the request names the host example.org; this server listens on loopback and answers to localhost","reason":"foreign_host"}"#;
    assert_eq!((foreign_host.status, foreign_host.text()), (421, expected));

    let put = |origin| {
        let request = post(JSON).header("host", "localhost:7837").header("origin", origin);
        request.body(Body::from(r#"{"data": 1}"#)).expect("a request")
    };
    let foreign_origin = call(&app, put("https://example.org")).await;
    let expected =
        r#"{"code":403,"message":"requests of pages from https://example.org are refused","reason":"foreign_origin"}"#;
    assert_eq!((foreign_origin.status, foreign_origin.text()), (403, expected));
    let own = call(&app, put("http://localhost:7837")).await;
    assert_eq!(own.status, 200);
    for answer in [foreign_host, foreign_origin, own] {
        assert!(answer.headers.keys().all(|name| !name.starts_with("access-control-")), "{answer:?}");
    }
}

/// A put under the id that its client computed.
#[tokio::test]
async fn a_put_by_id_stores_only_what_has_the_id() {
    let app = memory_app();
    let put = async |id: BlobId, content_type: &str, body: &'static str| {
        let request = Request::put(path_of(id)).header("content-type", content_type);
        call(&app, request.body(Body::from(body)).expect("a request")).await
    };
    let id = BlobId::of(br#"{"a":1}"#);
    let answer = format!(r#"{{"blobId":"{id}"}}"#);
    let other = BlobId::of(b"{}");
    let refused = put(other, JSON, r#"{"data": {"a": 1.0}}"#).await;
    let expected = format!(
        r#"{{"code":409,"message":"the content has the id {id}, not {other}","reason":"id_mismatch","expectedBlobId":"{other}","actualBlobId":"{id}"}}"#
    );
    assert_eq!((refused.status, refused.text()), (409, &*expected));
    for id in [id, other] {
        assert_eq!(get(&app, &path_of(id), &[]).await.status, 404, "nothing of it is stored");
    }
    for status in [201, 200] {
        let stored = put(id, JSON, r#"{"data": {"a": 1.0}, "filename": "a.json"}"#).await;
        assert_eq!((stored.status, stored.text()), (status, &*answer));
    }
    assert_eq!(put(id, OCTETS, r#"{"a":1}"#).await.status, 200);
    assert_eq!(get(&app, &path_of(id), &[RAW]).await.header("x-blob-type"), Some("data"));
    // As they are: these bytes have another id.
    assert_eq!(put(id, OCTETS, r#"{"a":1.0}"#).await.status, 409);

    let request = Request::put("/api/v1/blobs/xyz").header("content-type", JSON).body(Body::from("{}"));
    let expected = r#"{"code":400,"message":"a blob id is 64 lowercase hex digits","reason":"invalid_id"}"#;
    let answer = call(&app, request.expect("a request")).await;
    assert_eq!((answer.status, answer.text()), (400, expected));
}

/// Built or not, an address of the page is answered with the page's document, or with how to get it.
#[tokio::test]
async fn addresses_of_the_page_are_one_document() {
    let app = memory_app();
    let root = get(&app, "/", &[]).await;
    let blob = get(&app, &format!("/b/{}", BlobId::of(b"")), &[]).await;
    assert_eq!((root.status, blob.status), (200, 200));
    assert_eq!(root.body, blob.body);
    assert!(root.header("content-type").is_some_and(|value| value.starts_with("text/")), "{root:?}");
    for path in
        ["/../Cargo.toml", "/assets/../../package.json", "/%2e%2e/package.json", "/..%2fpackage.json", "/assets/"]
    {
        assert_eq!(get(&app, path, &[]).await.status, 404, "{path}");
    }
}
