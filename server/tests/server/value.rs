//! `GET /api/v1/blobs/{id}/value`: one value by its JSON Pointer.

use axum::Router;
use isoblob_core::BlobId;

use crate::support::{Answer, JSON, ask, get, memory_app, path_of, put_bytes, put_json, stored};

async fn value(app: &Router, id: BlobId, query: &str) -> Answer {
    get(app, &format!("{}/value{query}", path_of(id)), &[]).await
}

#[tokio::test]
async fn a_value_is_answered_as_it_stands_in_the_canonical_form() {
    let app = memory_app();
    let id = stored(&app, r#"{"b": [{"c": 505874924095815681}, 1.0], "a/b": "é", "": {"%": null}}"#).await;
    for (query, expected) in [
        ("", r#"{"":{"%":null},"a/b":"é","b":[{"c":505874924095815681},1]}"#),
        ("?pointer=", r#"{"":{"%":null},"a/b":"é","b":[{"c":505874924095815681},1]}"#),
        ("?pointer=/b", r#"[{"c":505874924095815681},1]"#),
        ("?pointer=/b/0/c", "505874924095815681"),
        ("?pointer=%2Fb%2F1", "1"),
        ("?pointer=/a~1b", "\"é\""),
        ("?pointer=//%25", "null"),
    ] {
        let answer = value(&app, id, query).await;
        assert_eq!((answer.status, answer.text()), (200, expected), "{query}");
        let header = |name| answer.header(name);
        assert_eq!((header("content-type"), header("vary")), (Some(JSON), Some("accept-encoding")));
        assert_eq!(header("cache-control"), Some("public, max-age=31536000, immutable"));
        assert_eq!(header("etag"), Some(&*format!("\"{id}\"")));
    }
    let path = format!("{}/value?pointer=/b", path_of(id));
    for method in ["GET", "HEAD"] {
        let answer = ask(&app, method, &path, &[("if-none-match", &format!("\"{id}\""))]).await;
        assert_eq!((answer.status, &*answer.body), (304, &b""[..]), "{method}");
    }
    let head = ask(&app, "HEAD", &path, &[]).await;
    assert_eq!((head.status, head.header("content-length"), &*head.body), (200, Some("28"), &b""[..]));
}

#[tokio::test]
async fn what_cannot_be_answered_is_told_why() {
    let app = memory_app();
    let id = stored(&app, r#"{"a": [1]}"#).await;
    put_bytes(&app, b"bytes", None).await;
    let binary = BlobId::of(b"bytes");
    let absent = BlobId::of(b"absent");
    let rows = [
        (id, "?pointer=/b", 404, format!(r#"the blob {id} has no such value","reason":"no_such_value","pointer":"/b""#)),
        (id, "?pointer=/a/1", 404, format!(r#"the blob {id} has no such value","reason":"no_such_value","pointer":"/a/1""#)),
        (
            id,
            "?pointer=a",
            400,
            r#"a JSON Pointer is empty or begins with `/`","reason":"invalid_pointer","pointer":"a""#.into(),
        ),
        (
            id,
            "?pointer=/~2",
            400,
            r#"in a JSON Pointer, `~` is written `~0` and a `/` inside a key `~1`","reason":"invalid_pointer","pointer":"/~2""#.into(),
        ),
        (id, "?path=/a", 400, r#"path: unknown field `path`, expected `pointer`","reason":"invalid_query""#.into()),
        (binary, "", 409, format!(r#"the blob {binary} is binary, so it has no values","reason":"not_json""#)),
        (absent, "", 404, format!(r#"there is no blob {absent}","reason":"not_found""#)),
    ];
    for (id, query, status, rest) in rows {
        let answer = value(&app, id, query).await;
        let expected = format!(r#"{{"code":{status},"message":"{rest}}}"#);
        assert_eq!((answer.status, answer.text()), (status, &*expected));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    // Once it is known to be JSON, it has values.
    put_bytes(&app, b"[7]", None).await;
    assert_eq!(value(&app, BlobId::of(b"[7]"), "?pointer=/0").await.status, 409);
    put_json(&app, r#"{"data": [7]}"#).await;
    assert_eq!(value(&app, BlobId::of(b"[7]"), "?pointer=/0").await.text(), "7");
}

/// Beyond what is done on the spot.
#[tokio::test]
async fn a_value_is_found_in_a_large_document() {
    let app = memory_app();
    let numbers: Vec<_> = (0..100_000).collect();
    let id = stored(&app, &format!("{numbers:?}")).await;
    assert_eq!(value(&app, id, "?pointer=/99999").await.text(), "99999");
    assert_eq!(value(&app, id, "?pointer=/100000").await.status, 404);
}
