//! Byte ranges of raw gets (RFC 9110, section 14).

use isoblob_core::BlobId;

use crate::support::{JSON, OCTETS, ask, get, memory_app, path_of, put_bytes, put_json};

const RAW: (&str, &str) = ("accept", OCTETS);

#[tokio::test]
async fn a_part_is_answered_with_where_it_is() {
    let app = memory_app();
    put_bytes(&app, b"0123456789", Some("digits")).await;
    let id = BlobId::of(b"0123456789");
    let whole = get(&app, &path_of(id), &[RAW]).await;
    assert_eq!((whole.status, whole.text(), whole.header("accept-ranges")), (200, "0123456789", Some("bytes")));
    for (range, part, content_range) in [
        ("bytes=0-3", "0123", "bytes 0-3/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
        ("bytes=0-999", "0123456789", "bytes 0-9/10"),
    ] {
        let mut answer = get(&app, &path_of(id), &[RAW, ("range", range)]).await;
        assert_eq!((answer.status, answer.text()), (206, part), "{range}");
        assert_eq!(answer.headers.remove("content-range").as_deref(), Some(content_range));
        assert_eq!(answer.headers.insert("content-length".into(), "10".into()), Some(part.len().to_string()));
        // Everything else is said of the whole.
        answer.headers.insert("x-request-id".into(), whole.headers["x-request-id"].clone());
        assert_eq!(answer.headers, whole.headers, "{range}");
    }
}

#[tokio::test]
async fn a_range_beyond_the_end_is_refused_with_the_length() {
    let app = memory_app();
    put_bytes(&app, b"0123456789", Some("digits")).await;
    let answer = get(&app, &path_of(BlobId::of(b"0123456789")), &[RAW, ("range", "bytes=10-")]).await;
    let expected =
        r#"{"code":416,"message":"the blob has 10 bytes, and none in this range","reason":"range_not_satisfiable"}"#;
    assert_eq!((answer.status, answer.text()), (416, expected));
    let header = |name| answer.header(name);
    assert_eq!((header("content-range"), header("content-type")), (Some("bytes */10"), Some(JSON)));
    assert_eq!((header("cache-control"), header("etag"), header("repr-digest")), (Some("no-store"), None, None));
}

#[tokio::test]
async fn a_range_is_of_a_raw_get_alone() {
    let app = memory_app();
    put_json(&app, r#"{"data": [1, 2, 3]}"#).await;
    let path = path_of(BlobId::of(b"[1,2,3]"));
    let range = ("range", "bytes=0-0");
    for (method, headers) in [
        ("GET", &[range][..]),
        ("GET", &[RAW, ("range", "bytes=0-0,2-2")]),
        ("GET", &[RAW, ("range", "rows=0-0")]),
        ("GET", &[RAW, range, ("if-range", "\"other\"")]),
        ("HEAD", &[RAW, range]),
        ("HEAD", &[RAW, ("range", "bytes=99-")]),
    ] {
        let answer = ask(&app, method, &path, headers).await;
        assert_eq!((answer.status, answer.header("content-range")), (200, None), "{method} {headers:?}");
    }
    let etag = get(&app, &path, &[RAW]).await.headers["etag"].clone();
    assert_eq!(get(&app, &path, &[RAW, range, ("if-range", &etag)]).await.status, 206);
    // RFC 9110, section 13.2.2: the precondition comes first.
    assert_eq!(get(&app, &path, &[RAW, range, ("if-none-match", &etag)]).await.status, 304);
    assert_eq!(get(&app, &path, &[RAW, ("range", "bytes=99-"), ("if-none-match", &etag)]).await.status, 304);
}
